#pragma once
// What the Glibc module does not export: headers of Linux's own interfaces, and wrappers for calls that are
// variadic, macros, or need _GNU_SOURCE.

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <termios.h>

int linux_accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int linux_fallocate_keep_size(int fd, off_t offset, off_t length);
int linux_lock_file(int fd);
int linux_unlock_file(int fd);
// 1 when another opening of the file has it locked, 0 when none has, -1 on failure.
int linux_file_is_locked(int fd);
int linux_syncfs(int fd);
int linux_start_writeback(int fd, off_t offset, off_t count);
void linux_step_back(void);
int linux_set_thread_name(const char *name);
int linux_terminal_width(int fd);
int linux_open(const char *path, int flags, unsigned mode);
pid_t linux_fork_into_background(int output);
int linux_pipe(int ends[2]);
int linux_end_with_parent(pid_t parent, int signal);
// Starts a program as a child that gets the signal `farewell` when this thread ends; -1 with errno when it does not run.
// The mask is a sigset_t.
pid_t linux_start_command(char *const words[], const void *mask, int farewell);
