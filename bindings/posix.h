/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bindings/posix.includes picks from: the file and memory hints of Linux with glibc or musl, 64-bit.
 * Left out on purpose: O_DIRECT, O_DIRECTORY, O_NOFOLLOW and O_LARGEFILE, which differ between x86-64 and AArch64;
 * everything listed has one value on both, which AbiTest proves on the machine that builds.
 */
#ifndef INGOT_BINDINGS_POSIX_H
#define INGOT_BINDINGS_POSIX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

/* Linux 5.14; glibc before 2.35 does not name it. Value: include/uapi/asm-generic/mman-common.h of Linux. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* File systems on the network that linux/magic.h does not name. Values: magic numbers in statfs(2). */
#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif
#define LUSTRE_SUPER_MAGIC 0x0BD00BD0
#define GPFS_SUPER_MAGIC 0x47504653

#endif
