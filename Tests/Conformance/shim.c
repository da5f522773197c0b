// LD_PRELOAD: makes system calls of a process fail as the test says, and sets its wall clock off.
//
// The test writes into a shared page, named by SHIM_CONTROL:
//   0 armed, 4 call, 8 errno, 12 calls to let through, 16 calls to fail, 20 calls that failed (int32 each),
//   24 offset of the wall clock in milliseconds (int64), 32 part of the path of the files that are concerned.
// A write that fails leaves half of its bytes behind.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct control {
    volatile int32_t armed, call, error, after, times, hits;
    volatile int64_t clock_ms;
    char where[256];
};

enum { WRITE = 1, READ, FLUSH, OPEN, RENAME, TRUNCATE, SENDFILE };

static struct control none;
static struct control *control = &none;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("SHIM_CONTROL");
    if (!path) return;
    int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    REAL(close)(fd);
    if (page != MAP_FAILED) control = page;
}

static int fails(int call, const char *path) {
    if (!control->armed || control->call != call || !strstr(path, control->where)) return 0;
    if (__atomic_fetch_sub(&control->after, 1, __ATOMIC_SEQ_CST) > 0) return 0;
    if (__atomic_fetch_sub(&control->times, 1, __ATOMIC_SEQ_CST) <= 0) return 0;
    __atomic_fetch_add(&control->hits, 1, __ATOMIC_SEQ_CST);
    errno = control->error;
    return 1;
}

static int fails_fd(int call, int fd) {
    if (!control->armed || control->call != call) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0) return 0;
    path[count] = 0;
    return fails(call, path);
}

#define PWRITE(name, offset_type)                                                     \
    ssize_t name(int fd, const void *bytes, size_t count, offset_type offset) {       \
        ssize_t (*next)(int, const void *, size_t, offset_type) = real(#name);        \
        if (!fails_fd(WRITE, fd)) return next(fd, bytes, count, offset);              \
        int error = errno;                                                            \
        next(fd, bytes, count / 2, offset);                                           \
        errno = error;                                                                \
        return -1;                                                                    \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define PREAD(name, offset_type)                                                      \
    ssize_t name(int fd, void *bytes, size_t count, offset_type offset) {             \
        ssize_t (*next)(int, void *, size_t, offset_type) = real(#name);              \
        return fails_fd(READ, fd) ? -1 : next(fd, bytes, count, offset);              \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

#define FLUSH_CALL(name)                                                              \
    int name(int fd) {                                                                \
        int (*next)(int) = real(#name);                                               \
        return fails_fd(FLUSH, fd) ? -1 : next(fd);                                   \
    }
FLUSH_CALL(fsync)
FLUSH_CALL(fdatasync)
FLUSH_CALL(syncfs)

#define FTRUNCATE(name, offset_type)                                                  \
    int name(int fd, offset_type size) {                                              \
        int (*next)(int, offset_type) = real(#name);                                  \
        return fails_fd(TRUNCATE, fd) ? -1 : next(fd, size);                          \
    }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

#define SENDFILE_CALL(name, offset_type)                                              \
    ssize_t name(int out, int in, offset_type *offset, size_t count) {                \
        ssize_t (*next)(int, int, offset_type *, size_t) = real(#name);               \
        return fails_fd(SENDFILE, in) ? -1 : next(out, in, offset, count);            \
    }
SENDFILE_CALL(sendfile, off_t)
SENDFILE_CALL(sendfile64, off64_t)

#define OPEN_CALL(name)                                                               \
    int name(const char *path, int flags, ...) {                                      \
        int (*next)(const char *, int, ...) = real(#name);                            \
        va_list rest;                                                                 \
        va_start(rest, flags);                                                        \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;     \
        va_end(rest);                                                                 \
        return fails(OPEN, path) ? -1 : next(path, flags, mode);                      \
    }
OPEN_CALL(open)
OPEN_CALL(open64)

int rename(const char *from, const char *to) {
    int (*next)(const char *, const char *) = real("rename");
    return fails(RENAME, from) ? -1 : next(from, to);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int (*next)(clockid_t, struct timespec *) = real("clock_gettime");
    int result = next(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) {
        int64_t ns = time->tv_nsec + control->clock_ms % 1000 * 1000000;
        time->tv_sec += control->clock_ms / 1000 + (ns >= 1000000000) - (ns < 0);
        time->tv_nsec = ns + (ns < 0 ? 1000000000 : ns >= 1000000000 ? -1000000000 : 0);
    }
    return result;
}
