// SPDX-License-Identifier: Apache-2.0
//
// Launches every kernel of the GPU, all types and masks, on small buffers that end where the interface says: something for
// compute-sanitizer to look at. What the kernels compute is checked by the tests.
//
//   touch-kernels DRIVER FATBIN: a driver library to load and the kernels' image (which the emulated driver does not read)
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "ingot/gpu.h"

namespace {

using handle = void *;
using address = unsigned long long;

handle library;
handle module;
int launched = 0;
std::string current = "none";

// A function of the driver under its exported name, called and checked.
template <typename... Types>
void call(const char *name, Types... arguments) {
    void *function = dlsym(library, name);
    if (!function) {
        fprintf(stderr, "error: %s: %s\n", name, dlerror());
        exit(1);
    }
    int result;
    int (*typed)(Types...);
    memcpy(&typed, &function, sizeof typed);
    result = typed(arguments...);
    if (result != 0) {
        fprintf(stderr, "error: %s failed with CUDA error %d, after %d launches; the kernel: %s\n", name, result, launched,
                current.c_str());
        exit(1);
    }
}

// Memory of the GPU of exactly so many bytes, so that what lies beyond is someone else's.
void *device(size_t bytes) {
    address pointer = 0;
    call("cuMemAlloc_v2", &pointer, bytes);
    call("cuMemsetD8Async", pointer, (unsigned char)0, bytes, (handle) nullptr);
    return reinterpret_cast<void *>(pointer);
}

template <typename Type>
Type *uploaded(const std::vector<Type> &values) {
    const size_t bytes = values.size() * sizeof(Type);
    void *memory = device(bytes);
    call("cuMemcpyHtoDAsync_v2", (address)memory, (const void *)values.data(), bytes, (handle) nullptr);
    call("cuStreamSynchronize", (handle) nullptr);
    return static_cast<Type *>(memory);
}

template <typename Arguments>
void launch(const std::string &name, unsigned columns, unsigned rows, unsigned threads, const Arguments &arguments) {
    handle kernel = nullptr;
    current = "ingot_gpu_" + name;
    call("cuLibraryGetKernel", &kernel, module, current.c_str());
    void *parameters[] = {const_cast<Arguments *>(&arguments)};
    call("cuLaunchKernel", kernel, columns, rows, 1u, threads, 1u, 1u, 0u, (handle) nullptr, (void **)parameters,
         (void **)nullptr);
    call("cuStreamSynchronize", (handle) nullptr);
    launched++;
}

unsigned blocks(int64_t count, int64_t elements) { return static_cast<unsigned>((count + elements - 1) / elements); }

size_t size_of(int dtype) {
    switch (dtype) {
        case INGOT_F64: return 8;
        case INGOT_F32: return 4;
        case INGOT_BF16:
        case INGOT_F16: return 2;
        default: return 1;
    }
}

// Elements of all types: small numbers whose bits are never those of a NaN.
ingot_operand operand(int64_t count, int dtype, uint32_t seed) {
    const int64_t whole = (count + INGOT_GPU_VECTOR - 1) / INGOT_GPU_VECTOR * INGOT_GPU_VECTOR;
    std::vector<uint8_t> bytes(whole * size_of(dtype));
    for (size_t i = 0; i < bytes.size(); i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (seed >> 24) & 0x3b;
    }
    return {uploaded(bytes), dtype, 0};
}

const char *const suffixes[] = {"_f32", "_bf16", "_f16"};

void touch(int64_t count) {
    const int types[] = {INGOT_F32, INGOT_BF16, INGOT_F16, INGOT_F64, INGOT_F8_E4M3, INGOT_F8_E5M2};
    for (int from : types) {
        for (int to : types) {
            launch("convert", blocks(count, INGOT_GPU_CONVERT_ELEMENTS), 1, INGOT_GPU_CONVERT_THREADS,
                   ingot_convert_args{operand(count, from, 1), operand(count, to, 2), count});
        }
    }
    const int64_t chunks = (count + INGOT_CHUNK - 1) / INGOT_CHUNK;
    for (int type : types) {
        const int models = 3;
        const std::string own = type <= INGOT_F16 ? suffixes[type] : "";
        const ingot_operand base = operand(count, type, 3);
        std::vector<ingot_operand> inputs;
        std::vector<ingot_delta_term> terms;
        for (int i = 0; i < models; i++) {
            inputs.push_back(operand(count, type, 4 + i));
            ingot_mask_spec mask = {};
            mask.kind = i;
            mask.threshold = 0x3c000000;
            mask.tie_cut = count / 2;
            mask.key = 7;
            mask.keep_below = 1u << 31;
            terms.push_back({inputs.back(), mask, 0.5f, 2.0f});
        }
        const ingot_operand *rows = uploaded(inputs);
        const ingot_delta_term *masked = uploaded(terms);
        const float *weights = uploaded(std::vector<float>(models, 0.25f));
        for (const std::string &variant : {std::string(), own}) {
            launch("weighted_sum" + variant, blocks(count, INGOT_GPU_WEIGHTED_SUM_ELEMENTS), 1,
                   INGOT_GPU_WEIGHTED_SUM_THREADS,
                   ingot_weighted_sum_args{rows, weights, operand(count, type, 9), count, models, 0});
            for (int consensus = 0; consensus < 2; consensus++) {
                launch("delta_merge" + variant, blocks(count, INGOT_GPU_DELTA_MERGE_ELEMENTS), 1,
                       INGOT_GPU_DELTA_MERGE_THREADS,
                       ingot_delta_merge_args{base, operand(count, type, 10), masked, 0, count, models, consensus, consensus,
                                              2.0f, 1.0f, 0});
            }
        }
        launch("delta_sums", blocks(count, INGOT_GPU_DELTA_SUMS_ELEMENTS), 1, INGOT_GPU_DELTA_SUMS_THREADS,
               ingot_delta_sums_args{base, masked, uploaded(std::vector<double>(chunks * models * 2)), 0, count, models, 0});
        // One group of up to INGOT_GPU_GRAM_ROWS inputs: one row of blocks.
        launch("gram", blocks(count, INGOT_GPU_GRAM_ELEMENTS), 1, INGOT_GPU_GRAM_THREADS,
               ingot_gram_args{base, rows, uploaded(std::vector<double>(chunks * models * (models + 1) / 2)), count, models, 0});
        if (!own.empty()) {
            launch("gram" + own, blocks(count, INGOT_GPU_GRAM_ELEMENTS), 1, INGOT_GPU_GRAM_THREADS,
                   ingot_gram_args{{}, rows, uploaded(std::vector<double>(chunks * 3)), count, 2, 0});
        }

        const unsigned scanned = blocks(count, INGOT_GPU_SELECT_SCAN_ELEMENTS);
        for (const std::string &variant : {std::string(), own}) {
            std::vector<ingot_select_term> select;
            for (const ingot_operand &model : inputs) {
                // Room for half of the keys: the rest must not be written.
                select.push_back({model, -1, INT32_MAX, uploaded(std::vector<int32_t>((count + 1) / 2)), (count + 1) / 2, 0,
                                  0, 0, 0});
            }
            const ingot_gpu_scan_args scan = {
                base, uploaded(select), uploaded(std::vector<ingot_gpu_scan_counts>(models * scanned)),
                uploaded(std::vector<int64_t>(models * scanned)),
                uploaded(std::vector<int32_t>((size_t)models * scanned * INGOT_GPU_SELECT_SCAN_ELEMENTS)), count, scanned,
                models, 0};
            launch("select_scan" + variant, scanned, 1, INGOT_GPU_SELECT_SCAN_THREADS, scan);
            launch("select_totals", models, 1, INGOT_GPU_SELECT_TOTALS_THREADS, scan);
            launch("select_gather", scanned, models, INGOT_GPU_SELECT_GATHER_THREADS, scan);
        }
        const int64_t last = (scanned - 1) * (int64_t)INGOT_GPU_SELECT_SCAN_ELEMENTS;
        launch("select_nth_equal", 1, 1, INGOT_GPU_SELECT_NTH_EQUAL_THREADS,
               ingot_gpu_nth_args{base, inputs[0], uploaded(std::vector<int64_t>(1)), last, count - last, 1, 0, 0});
        launch("select_sample", 1, 1, INGOT_GPU_SELECT_SAMPLE_THREADS,
               ingot_select_sample_args{base, inputs[0], uploaded(std::vector<int64_t>{0, count / 2, count - 1}),
                                        uploaded(std::vector<int32_t>(3)), 3});
        for (int prefix : {-1, 0x7800}) {
            launch("select_histogram", blocks(count, INGOT_GPU_SELECT_HISTOGRAM_ELEMENTS), 1,
                   INGOT_GPU_SELECT_HISTOGRAM_THREADS,
                   ingot_select_histogram_args{base, inputs[0],
                                               uploaded(std::vector<int64_t>(prefix < 0 ? 65536 : 32768)), count, prefix, 0});
        }
    }
    std::vector<int32_t> keys((count + INGOT_GPU_VECTOR - 1) / INGOT_GPU_VECTOR * INGOT_GPU_VECTOR);
    for (int64_t i = 0; i < count; i++) {
        keys[i] = (int32_t)(i * 2654435761u >> 1);
    }
    for (int prefix : {-1, 100}) {
        launch("key_histogram", blocks(count, INGOT_GPU_KEY_HISTOGRAM_ELEMENTS), 1, INGOT_GPU_KEY_HISTOGRAM_THREADS,
               ingot_gpu_keys_args{uploaded(keys), uploaded(std::vector<int64_t>(prefix < 0 ? 65536 : 32768)), count, prefix,
                                   0});
    }
    launch("count_equal", blocks(count, INGOT_GPU_COUNT_EQUAL_ELEMENTS), 1, INGOT_GPU_COUNT_EQUAL_THREADS,
           ingot_gpu_keys_args{uploaded(keys), uploaded(std::vector<int64_t>(1)), count, 0, keys[count - 1]});
}

std::vector<char> file(const char *path) {
    std::vector<char> bytes;
    FILE *in = fopen(path, "rb");
    if (in) {
        char buffer[65536];
        for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;) {
            bytes.insert(bytes.end(), buffer, buffer + n);
        }
        fclose(in);
    }
    // PTX text ends with a zero; and the emulated driver takes anything but zeros.
    bytes.resize(bytes.size() + 64, bytes.empty() ? 1 : 0);
    return bytes;
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: touch-kernels DRIVER FATBIN\n");
        return 2;
    }
    library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "error: %s\n", dlerror());
        return 1;
    }
    const std::vector<char> image = file(arguments[2]);
    int gpu = 0;
    handle context = nullptr;
    call("cuInit", 0u);
    call("cuDeviceGet", &gpu, 0);
    call("cuDevicePrimaryCtxRetain", &context, gpu);
    call("cuCtxSetCurrent", context);
    call("cuLibraryLoadData", &module, (const void *)image.data(), (void *)nullptr, (void *)nullptr, 0u, (void *)nullptr,
         (void *)nullptr, 0u);
    // Less than a vector, not a whole vector, more than a block and a chunk.
    for (int64_t elements : {1, 4099, 20011}) {
        touch(elements);
    }
    call("cuLibraryUnload", module);
    call("cuDevicePrimaryCtxRelease_v2", gpu);
    printf("%d launches\n", launched);
    return 0;
}
