// SPDX-License-Identifier: Apache-2.0
//
// The part of the CUDA driver API that Ingot calls: types, constants and functions under their exported names, so that
// the emulated driver builds without a toolkit. Where there is one, driver_check.cpp compares all of it with cuda.h.
#ifndef INGOT_SHIM_DRIVER_API_H
#define INGOT_SHIM_DRIVER_API_H

#include <stddef.h>

// X(name, value)
#define INGOT_SHIM_RESULTS(X)                    \
    X(CUDA_SUCCESS, 0)                           \
    X(CUDA_ERROR_INVALID_VALUE, 1)               \
    X(CUDA_ERROR_OUT_OF_MEMORY, 2)               \
    X(CUDA_ERROR_NOT_INITIALIZED, 3)             \
    X(CUDA_ERROR_DEINITIALIZED, 4)               \
    X(CUDA_ERROR_NO_DEVICE, 100)                 \
    X(CUDA_ERROR_INVALID_DEVICE, 101)            \
    X(CUDA_ERROR_INVALID_IMAGE, 200)             \
    X(CUDA_ERROR_INVALID_CONTEXT, 201)           \
    X(CUDA_ERROR_NO_BINARY_FOR_GPU, 209)         \
    X(CUDA_ERROR_ECC_UNCORRECTABLE, 214)         \
    X(CUDA_ERROR_INVALID_HANDLE, 400)            \
    X(CUDA_ERROR_NOT_FOUND, 500)                 \
    X(CUDA_ERROR_NOT_READY, 600)                 \
    X(CUDA_ERROR_ILLEGAL_ADDRESS, 700)           \
    X(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, 701)   \
    X(CUDA_ERROR_LAUNCH_TIMEOUT, 702)            \
    X(CUDA_ERROR_CONTEXT_IS_DESTROYED, 709)      \
    X(CUDA_ERROR_HARDWARE_STACK_ERROR, 714)      \
    X(CUDA_ERROR_ILLEGAL_INSTRUCTION, 715)       \
    X(CUDA_ERROR_MISALIGNED_ADDRESS, 716)        \
    X(CUDA_ERROR_INVALID_ADDRESS_SPACE, 717)     \
    X(CUDA_ERROR_INVALID_PC, 718)                \
    X(CUDA_ERROR_LAUNCH_FAILED, 719)             \
    X(CUDA_ERROR_NOT_SUPPORTED, 801)             \
    X(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, 803)    \
    X(CUDA_ERROR_UNKNOWN, 999)

// X(name, value, what the emulated device answers)
#define INGOT_SHIM_ATTRIBUTES(X)                                              \
    X(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1, 1024)                     \
    X(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, 2, 1024)                           \
    X(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, 3, 1024)                           \
    X(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, 4, 64)                             \
    X(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, 5, 2147483647)                      \
    X(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, 6, 65535)                           \
    X(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, 7, 65535)                           \
    X(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 8, 49152)              \
    X(CU_DEVICE_ATTRIBUTE_WARP_SIZE, 10, 32)                                  \
    X(CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 13, 1000000)                            \
    X(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 16, 2)                        \
    X(CU_DEVICE_ATTRIBUTE_INTEGRATED, 18, 0)                                  \
    X(CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 19, 1)                         \
    X(CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, 20, 0)                                \
    X(CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 31, 1)                          \
    X(CU_DEVICE_ATTRIBUTE_ECC_ENABLED, 32, 0)                                 \
    X(CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, 33, 1)                                  \
    X(CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, 34, 0)                               \
    X(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 36, 1000000)                     \
    X(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 37, 64)                    \
    X(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 38, 1048576)                         \
    X(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 39, 2048)           \
    X(CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 40, 2)                          \
    X(CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 41, 1)                          \
    X(CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, 50, 0)                               \
    X(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 75, 9)                    \
    X(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 76, 0)                    \
    X(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 97, 101376)

// X(name, parameters)
#define INGOT_SHIM_FUNCTIONS(X)                                                                                        \
    X(cuInit, (unsigned flags))                                                                                        \
    X(cuDriverGetVersion, (int *version))                                                                              \
    X(cuGetErrorName, (CUresult error, const char **text))                                                             \
    X(cuGetErrorString, (CUresult error, const char **text))                                                           \
    X(cuDeviceGetCount, (int *count))                                                                                  \
    X(cuDeviceGet, (CUdevice *device, int ordinal))                                                                    \
    X(cuDeviceGetName, (char *name, int length, CUdevice device))                                                      \
    X(cuDeviceGetAttribute, (int *value, CUdevice_attribute attribute, CUdevice device))                               \
    X(cuDeviceTotalMem_v2, (size_t *bytes, CUdevice device))                                                           \
    X(cuDeviceGetPCIBusId, (char *id, int length, CUdevice device))                                                    \
    X(cuDevicePrimaryCtxRetain, (CUcontext *context, CUdevice device))                                                 \
    X(cuDevicePrimaryCtxRelease_v2, (CUdevice device))                                                                 \
    X(cuCtxSetCurrent, (CUcontext context))                                                                            \
    X(cuCtxSynchronize, ())                                                                                            \
    X(cuMemGetInfo_v2, (size_t *free, size_t *total))                                                                  \
    X(cuMemAlloc_v2, (CUdeviceptr *address, size_t size))                                                              \
    X(cuMemFree_v2, (CUdeviceptr address))                                                                             \
    X(cuMemHostAlloc, (void **address, size_t size, unsigned flags))                                                   \
    X(cuMemFreeHost, (void *address))                                                                                  \
    X(cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void *from, size_t size, CUstream stream))                          \
    X(cuMemcpyDtoHAsync_v2, (void *to, CUdeviceptr from, size_t size, CUstream stream))                                \
    X(cuMemcpyDtoDAsync_v2, (CUdeviceptr to, CUdeviceptr from, size_t size, CUstream stream))                          \
    X(cuMemsetD8Async, (CUdeviceptr to, unsigned char value, size_t size, CUstream stream))                            \
    X(cuStreamCreate, (CUstream *stream, unsigned flags))                                                              \
    X(cuStreamDestroy_v2, (CUstream stream))                                                                           \
    X(cuStreamSynchronize, (CUstream stream))                                                                          \
    X(cuStreamWaitEvent, (CUstream stream, CUevent event, unsigned flags))                                             \
    X(cuEventCreate, (CUevent *event, unsigned flags))                                                                 \
    X(cuEventDestroy_v2, (CUevent event))                                                                              \
    X(cuEventRecord, (CUevent event, CUstream stream))                                                                 \
    X(cuEventSynchronize, (CUevent event))                                                                             \
    X(cuEventElapsedTime_v2, (float *milliseconds, CUevent start, CUevent end))                                        \
    X(cuLibraryLoadData, (CUlibrary *library, const void *code, CUjit_option *jit_options, void **jit_values,          \
                          unsigned jit_count, CUlibraryOption *options, void **values, unsigned count))                \
    X(cuLibraryUnload, (CUlibrary library))                                                                            \
    X(cuLibraryGetKernel, (CUkernel *kernel, CUlibrary library, const char *name))                                     \
    X(cuLaunchKernel, (CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,       \
                       unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream stream, void **parameters,  \
                       void **extra))

#ifndef INGOT_SHIM_REAL_CUDA_H

#define INGOT_SHIM_CONSTANT(name, value, ...) name = value,
enum CUresult { INGOT_SHIM_RESULTS(INGOT_SHIM_CONSTANT) };
enum CUdevice_attribute { INGOT_SHIM_ATTRIBUTES(INGOT_SHIM_CONSTANT) };
#undef INGOT_SHIM_CONSTANT

enum CUjit_option : unsigned;
enum CUlibraryOption : unsigned;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUlib_st *CUlibrary;
typedef struct CUkern_st *CUkernel;
typedef struct CUfunc_st *CUfunction;

constexpr unsigned CU_STREAM_NON_BLOCKING = 1;
constexpr unsigned CU_EVENT_DISABLE_TIMING = 2;

#define INGOT_SHIM_DECLARE(name, parameters) extern "C" __attribute__((visibility("default"))) CUresult name parameters;
INGOT_SHIM_FUNCTIONS(INGOT_SHIM_DECLARE)
#undef INGOT_SHIM_DECLARE

#endif

#endif
