/* Stands between a program and the flushes of the C library: LD_PRELOAD names it, the environment tells it what to do.
 *
 *   SHIM_LOG    each flush appends a line to this file: "begin PATH", then "end PATH" or "fail PATH"
 *   SHIM_FAIL   the path of a file: while it exists, its text is looked for in the path of each file that is flushed,
 *               and the first flush that matches fails with EIO. The file is removed then: later ones succeed.
 *   SHIM_DELAY  so many microseconds pass before each flush
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(const char *what, const char *path) {
  const char *log = getenv("SHIM_LOG");
  int fd = log ? open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;
  if (fd < 0)
    return;
  char line[4200];
  int count = snprintf(line, sizeof line, "%s %s\n", what, path);
  if (write(fd, line, (size_t)count) < 0)
    abort();
  close(fd);
}

static int must_fail(const char *path) {
  const char *name = getenv("SHIM_FAIL");
  int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0)
    return 0;
  char text[4096];
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  text[count > 0 ? count : 0] = 0;
  return count > 0 && strstr(path, text) && unlink(name) == 0;
}

static int flush(int fd, const char *call) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = readlink(link, path, sizeof path - 1);
  path[count > 0 ? count : 0] = 0;
  note("begin", path);
  if (getenv("SHIM_DELAY"))
    usleep((useconds_t)atoi(getenv("SHIM_DELAY")));
  int result = -1;
  if (must_fail(path))
    errno = EIO;
  else
    result = ((int (*)(int))dlsym(RTLD_NEXT, call))(fd);
  int error = errno;
  note(result == 0 ? "end" : "fail", path);
  errno = error;
  return result;
}

int fdatasync(int fd) { return flush(fd, "fdatasync"); }
int fsync(int fd) { return flush(fd, "fsync"); }
