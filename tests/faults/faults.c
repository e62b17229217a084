/* A shim for LD_PRELOAD that makes file operations under one folder fail, or the process die at them.
 *
 *   FAULT_ROOT=folder      only paths and descriptors below it (absolute, free of links) are looked at
 *   FAULT_AT=n             the n-th intercepted call of a process is struck, counted from 1
 *   FAULT_ACTION=...       kill (SIGKILL before the call), torn (half of a write, then SIGKILL), short (half of a
 *                          write, ENOSPC from then on), or ENOSPC, EIO, EROFS
 *   FAULT_REPEAT=1         every call from the n-th on is struck, as a full disk does
 *   FAULT_CALLS=write,...  only these calls count; default: all
 *   FAULT_WHO=main|worker  only the first process that has the shim, or only those that it starts; default: all
 *   FAULT_TRACE=file       one line per call that succeeded: pid, call, path, second path, by tabs
 *   FAULT_COUNT=prefix     prefix.<pid> holds two 64-bit numbers: the calls so far, and how many were struck.
 *                          It is mapped, so it is right even after a SIGKILL.
 *
 * Calls are named without their variants: open (that creates or may write), write, fsync, rename, link, symlink,
 * unlink, mkdir, truncate, copy, chmod. "chmod" is only traced, never counted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { GO_ON = 0, HALVE = -1, HALVE_AND_DIE = -2 };

static char root[PATH_MAX];
static size_t root_length;
static long fault_at;
static int fault_repeat, fault_errno, is_short, is_kill, is_torn, is_struck_process = 1;
static char fault_calls[512];
static int trace_fd = -1;
static int64_t own_numbers[2];
static int64_t *numbers = own_numbers; /* calls, struck */

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int open_raw(const char *path, int flags) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
}

__attribute__((constructor)) static void begin(void) {
    const char *value;
    char text[PATH_MAX + 32];
    if (!(value = getenv("FAULT_ROOT")) || !*value) return;
    snprintf(root, sizeof root, "%s", value);
    if ((value = getenv("FAULT_AT"))) fault_at = atol(value);
    if ((value = getenv("FAULT_REPEAT"))) fault_repeat = *value == '1';
    if ((value = getenv("FAULT_CALLS")) && *value) snprintf(fault_calls, sizeof fault_calls, ",%s,", value);
    if ((value = getenv("FAULT_ACTION"))) {
        is_kill = !strcmp(value, "kill");
        is_torn = !strcmp(value, "torn");
        is_short = !strcmp(value, "short");
        fault_errno = !strcmp(value, "EIO") ? EIO : !strcmp(value, "EROFS") ? EROFS : ENOSPC;
    }
    const char *first = getenv("FAULT_MAIN");
    int is_main = !first || atol(first) == (long)getpid();
    if (!first) {
        snprintf(text, sizeof text, "%ld", (long)getpid());
        setenv("FAULT_MAIN", text, 1);
    }
    if ((value = getenv("FAULT_WHO")) && *value) is_struck_process = is_main == !strcmp(value, "main");
    if ((value = getenv("FAULT_TRACE")) && *value) trace_fd = open_raw(value, O_WRONLY | O_CREAT | O_APPEND);
    if ((value = getenv("FAULT_COUNT")) && *value) {
        snprintf(text, sizeof text, "%s.%ld", value, (long)getpid());
        int fd = open_raw(text, O_RDWR | O_CREAT | O_TRUNC);
        if (fd >= 0 && syscall(SYS_ftruncate, fd, (long)sizeof own_numbers) == 0) {
            void *at = mmap(NULL, sizeof own_numbers, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (at != MAP_FAILED) numbers = at;
        }
        if (fd >= 0) syscall(SYS_close, fd);
    }
    root_length = strlen(root); /* last: it switches the shim on */
}

/* The absolute path that a call means, or "" when it is not below the root. */
static void resolve(int folder_fd, const char *path, char *out) {
    char base[PATH_MAX];
    out[0] = 0;
    if (!root_length || !path) return;
    if (path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
    } else {
        char link[64];
        if (folder_fd == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", folder_fd);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length <= 0) return;
        base[length] = 0;
        if (snprintf(out, PATH_MAX, *path ? "%s/%s" : "%s%s", base, path) >= PATH_MAX) out[0] = 0;
    }
    if (strncmp(out, root, root_length) || (out[root_length] && out[root_length] != '/')) out[0] = 0;
}

static void resolve_fd(int fd, char *out) { resolve(fd, "", out); }

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* Count a call on these paths; GO_ON, an errno to fail with, or HALVE… for a write. */
static int strike(const char *call, const char *path, const char *other, int can_halve) {
    if (!path[0] && !other[0]) return GO_ON;
    if (fault_calls[0]) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, ",%s,", call);
        if (!strstr(fault_calls, wanted)) return GO_ON;
    }
    int64_t number = __atomic_add_fetch(&numbers[0], 1, __ATOMIC_SEQ_CST);
    if (!fault_at || !is_struck_process) return GO_ON;
    if (number != fault_at && !((fault_repeat || is_short) && number > fault_at)) return GO_ON;
    __atomic_add_fetch(&numbers[1], 1, __ATOMIC_SEQ_CST);
    if (is_torn && can_halve) return HALVE_AND_DIE;
    if (is_kill || is_torn) die();
    if (is_short && number == fault_at && can_halve) return HALVE;
    return fault_errno;
}

static void trace(const char *call, const char *path, const char *other) {
    char line[2 * PATH_MAX + 64];
    if (trace_fd < 0 || (!path[0] && !other[0])) return;
    int saved = errno;
    int length = snprintf(line, sizeof line, "%ld\t%s\t%s\t%s\n", (long)getpid(), call, path, other);
    syscall(SYS_write, trace_fd, line, (size_t)length);
    errno = saved;
}

/* A call on paths: resolve, count, perform, trace. */
#define PERFORM(type, call, perform)                   \
    do {                                               \
        int verdict = strike(call, p, q, 0);           \
        if (verdict > 0) { errno = verdict; return -1; } \
        type result = perform;                         \
        if (result >= 0) trace(call, p, q);            \
        return result;                                 \
    } while (0)

/* ---- open ---- */

static int open_any(int folder_fd, const char *path, int flags, mode_t mode) {
    static int (*next)(int, const char *, int, ...);
    char p[PATH_MAX] = "", q[1] = "";
    if (!next) next = real("openat64");
    if (flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC)) resolve(folder_fd, path, p);
    PERFORM(int, "open", next(folder_fd, path, flags, mode));
}

#define MODE(flags, mode)                        \
    mode_t mode = 0;                             \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {     \
        va_list arguments;                       \
        va_start(arguments, flags);              \
        mode = va_arg(arguments, mode_t);        \
        va_end(arguments);                       \
    }

int open(const char *path, int flags, ...) { MODE(flags, mode) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, mode) return open_any(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags, mode) return open_any(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags, mode) return open_any(at, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int __open_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return open_any(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return open_any(at, path, flags, 0); }

FILE *fopen(const char *path, const char *how) {
    static FILE *(*next)(const char *, const char *);
    char p[PATH_MAX] = "";
    if (!next) next = real("fopen");
    if (strpbrk(how, "wa+")) resolve(AT_FDCWD, path, p);
    int verdict = strike("open", p, "", 0);
    if (verdict > 0) { errno = verdict; return NULL; }
    FILE *file = next(path, how);
    if (file) trace("open", p, "");
    return file;
}
FILE *fopen64(const char *path, const char *how) { return fopen(path, how); }

/* ---- write ---- */

/* ``whole`` performs the call, ``half`` the call for the first half of its bytes. */
#define WRITE(name, whole, half)                                            \
    do {                                                                    \
        char p[PATH_MAX];                                                   \
        if (!next) next = real(name);                                       \
        resolve_fd(fd, p);                                                  \
        int verdict = strike("write", p, "", length > 1);                   \
        if (verdict > 0) { errno = verdict; return -1; }                    \
        ssize_t written = verdict == GO_ON ? whole : half;                  \
        if (verdict == HALVE_AND_DIE) die();                                \
        if (written >= 0) trace("write", p, "");                            \
        return written;                                                     \
    } while (0)

ssize_t write(int fd, const void *bytes, size_t length) {
    static ssize_t (*next)(int, const void *, size_t);
    WRITE("write", next(fd, bytes, length), next(fd, bytes, length / 2));
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    static ssize_t (*next)(int, const void *, size_t, off_t);
    WRITE("pwrite", next(fd, bytes, length, at), next(fd, bytes, length / 2, at));
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    WRITE("pwrite64", next(fd, bytes, length, at), next(fd, bytes, length / 2, at));
}
#define VECTOR                                                            \
    size_t length = 2; /* more than one byte, whatever it is */           \
    struct iovec first = {parts[0].iov_base, parts[0].iov_len / 2};
ssize_t writev(int fd, const struct iovec *parts, int count) {
    static ssize_t (*next)(int, const struct iovec *, int);
    VECTOR
    WRITE("writev", next(fd, parts, count), next(fd, &first, 1));
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    static ssize_t (*next)(int, const struct iovec *, int, off_t);
    VECTOR
    WRITE("pwritev", next(fd, parts, count, at), next(fd, &first, 1, at));
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    static ssize_t (*next)(int, const struct iovec *, int, off64_t);
    VECTOR
    WRITE("pwritev64", next(fd, parts, count, at), next(fd, &first, 1, at));
}
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
    static ssize_t (*next)(int, const struct iovec *, int, off_t, int);
    VECTOR
    WRITE("pwritev2", next(fd, parts, count, at, flags), next(fd, &first, 1, at, flags));
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at, int flags) {
    static ssize_t (*next)(int, const struct iovec *, int, off64_t, int);
    VECTOR
    WRITE("pwritev64v2", next(fd, parts, count, at, flags), next(fd, &first, 1, at, flags));
}

ssize_t copy_file_range(int from, off64_t *from_at, int fd, off64_t *at, size_t length, unsigned flags) {
    static ssize_t (*next)(int, off64_t *, int, off64_t *, size_t, unsigned);
    char p[PATH_MAX];
    if (!next) next = real("copy_file_range");
    resolve_fd(fd, p);
    int verdict = strike("copy", p, "", length > 1);
    if (verdict > 0) { errno = verdict; return -1; }
    ssize_t copied = next(from, from_at, fd, at, verdict == GO_ON ? length : length / 2, flags);
    if (verdict == HALVE_AND_DIE) die();
    if (copied >= 0) trace("copy", p, "");
    return copied;
}
static ssize_t send_any(const char *name, int fd, int from, off64_t *at, size_t length) {
    static ssize_t (*next)(int, int, off64_t *, size_t);
    char p[PATH_MAX];
    if (!next) next = real(name);
    resolve_fd(fd, p);
    int verdict = strike("copy", p, "", length > 1);
    if (verdict > 0) { errno = verdict; return -1; }
    ssize_t copied = next(fd, from, at, verdict == GO_ON ? length : length / 2);
    if (verdict == HALVE_AND_DIE) die();
    if (copied >= 0) trace("copy", p, "");
    return copied;
}
ssize_t sendfile(int fd, int from, off_t *at, size_t length) { return send_any("sendfile64", fd, from, (off64_t *)at, length); }
ssize_t sendfile64(int fd, int from, off64_t *at, size_t length) { return send_any("sendfile64", fd, from, at, length); }

/* ---- calls on one descriptor ---- */

#define ON_FD(call, name, signature, arguments)       \
    int name signature {                              \
        static int(*next) signature;                  \
        char p[PATH_MAX], q[1] = "";                  \
        if (!next) next = real(#name);                \
        resolve_fd(fd, p);                            \
        PERFORM(int, call, next arguments);           \
    }
ON_FD("fsync", fsync, (int fd), (fd))
ON_FD("fsync", fdatasync, (int fd), (fd))
ON_FD("truncate", ftruncate, (int fd, off_t length), (fd, length))
ON_FD("truncate", ftruncate64, (int fd, off64_t length), (fd, length))
ON_FD("truncate", fallocate, (int fd, int how, off_t at, off_t length), (fd, how, at, length))
ON_FD("truncate", fallocate64, (int fd, int how, off64_t at, off64_t length), (fd, how, at, length))

/* ---- calls on one path ---- */

#define ON_PATH(call, name, signature, arguments, at)  \
    int name signature {                               \
        static int(*next) signature;                   \
        char p[PATH_MAX], q[1] = "";                   \
        if (!next) next = real(#name);                 \
        resolve(at, path, p);                          \
        PERFORM(int, call, next arguments);            \
    }
ON_PATH("unlink", unlink, (const char *path), (path), AT_FDCWD)
ON_PATH("unlink", rmdir, (const char *path), (path), AT_FDCWD)
ON_PATH("unlink", remove, (const char *path), (path), AT_FDCWD)
ON_PATH("unlink", unlinkat, (int fd, const char *path, int flags), (fd, path, flags), fd)
ON_PATH("mkdir", mkdir, (const char *path, mode_t mode), (path, mode), AT_FDCWD)
ON_PATH("mkdir", mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode), fd)
ON_PATH("truncate", truncate, (const char *path, off_t length), (path, length), AT_FDCWD)
ON_PATH("truncate", truncate64, (const char *path, off64_t length), (path, length), AT_FDCWD)
ON_PATH("symlink", symlink, (const char *to, const char *path), (to, path), AT_FDCWD)
ON_PATH("symlink", symlinkat, (const char *to, int fd, const char *path), (to, fd, path), fd)

/* Permissions are no part of the content, but must last as well: only traced. */
int chmod(const char *path, mode_t mode) {
    static int (*next)(const char *, mode_t);
    char p[PATH_MAX];
    if (!next) next = real("chmod");
    resolve(AT_FDCWD, path, p);
    int result = next(path, mode);
    if (result >= 0) trace("chmod", p, "");
    return result;
}
int fchmod(int fd, mode_t mode) {
    static int (*next)(int, mode_t);
    char p[PATH_MAX];
    if (!next) next = real("fchmod");
    resolve_fd(fd, p);
    int result = next(fd, mode);
    if (result >= 0) trace("chmod", p, "");
    return result;
}

/* ---- calls on two paths ---- */

#define ON_TWO(call, name, signature, arguments, from_at, to_at) \
    int name signature {                               \
        static int(*next) signature;                   \
        char p[PATH_MAX], q[PATH_MAX];                 \
        if (!next) next = real(#name);                 \
        resolve(from_at, from, p);                     \
        resolve(to_at, to, q);                         \
        PERFORM(int, call, next arguments);            \
    }
ON_TWO("rename", rename, (const char *from, const char *to), (from, to), AT_FDCWD, AT_FDCWD)
ON_TWO("rename", renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), a, b)
ON_TWO("rename", renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags), a, b)
ON_TWO("link", link, (const char *from, const char *to), (from, to), AT_FDCWD, AT_FDCWD)
ON_TWO("link", linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), a, b)
