#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int linux_accept4(int socket, struct sockaddr *address, socklen_t *length, int flags) {
    return accept4(socket, address, length, flags);
}

int linux_fallocate_keep_size(int fd, off_t offset, off_t length) {
    return fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length);
}

// An open-file-description lock: it excludes other openings of the file in any process, and also the record locks that
// Java's FileLock takes, which flock does not see.
int linux_lock_file(int fd) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &whole);
}

int linux_unlock_file(int fd) {
    struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &whole);
}

int linux_file_is_locked(int fd) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_GETLK, &whole) != 0) return -1;
    return whole.l_type != F_UNLCK;
}

int linux_syncfs(int fd) { return syncfs(fd); }

int linux_start_writeback(int fd, off_t offset, off_t count) {
    return sync_file_range(fd, offset, count, SYNC_FILE_RANGE_WRITE);
}

// The calling thread alone: on Linux the priorities of processes are those of threads. Class 2 is best effort, 7 its
// last level; the idle class is not used, for what it holds up may be holding up everybody.
void linux_step_back(void) {
    syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 7);
    setpriority(PRIO_PROCESS, 0, 10);
}

int linux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int linux_terminal_width(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int linux_open(const char *path, int flags, unsigned mode) { return open(path, flags | O_CLOEXEC, mode); }

// Swift does not import fork. The child leads a session of its own, reads nothing, and writes to `output`.
pid_t linux_fork_into_background(int output) {
    pid_t child = fork();
    if (child != 0) return child;
    int nothing = open("/dev/null", O_RDONLY);
    if (setsid() < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(1);
    close(nothing);
    return 0;
}

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

// Asks for a signal when the thread that made this process ends. False when that happened already.
int linux_end_with_parent(pid_t parent, int signal) { return prctl(PR_SET_PDEATHSIG, signal) == 0 && getppid() == parent; }

// Starts a program found in PATH, with a mask of signals of its own. The child tells through a pipe, which a program that
// runs has closed, why it does not run.
pid_t linux_start_command(char *const words[], const void *mask, int farewell) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        int reason = ESRCH;
        if (linux_end_with_parent(parent, farewell)) {
            execvp(words[0], words);
            reason = errno;
        }
        ssize_t written = write(ends[1], &reason, sizeof reason);
        _exit(written == sizeof reason ? 127 : 126);
    }
    int reason = child < 0 ? errno : 0;
    close(ends[1]);
    while (child > 0 && read(ends[0], &reason, sizeof reason) < 0 && errno == EINTR) continue;
    close(ends[0]);
    if (reason == 0) return child;
    if (child > 0) waitpid(child, NULL, 0);
    errno = reason;
    return -1;
}
