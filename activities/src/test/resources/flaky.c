/* A disk that fails now and then: loaded with LD_PRELOAD, it answers FLAKY_ERROR (EIO) to one in FLAKY_ONE_IN writes and syncs of files below FLAKY_UNDER, in an order that FLAKY_SEED
   decides; if FLAKY_WHILE is set, only while there is such a file. Half of the writes that fail have written a part before. Each failure is a byte in FLAKY_COUNT, so that a test knows that
   there were some. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static uint64_t calls;

static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static int watched(int fd) {
  const char *under = getenv("FLAKY_UNDER");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (!under || length < 0) return 0;
  path[length] = 0;
  return !strncmp(path, under, strlen(under));
}

/* 0: works; 1: fails; 2: fails after a part */
static int fails(int fd) {
  const char *in = getenv("FLAKY_ONE_IN"), *seed = getenv("FLAKY_SEED"), *count = getenv("FLAKY_COUNT"), *during = getenv("FLAKY_WHILE");
  if (!in || !watched(fd) || (during && syscall(SYS_access, during, F_OK))) return 0;
  uint64_t drawn = mix(__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) + ((uint64_t)(seed ? atoll(seed) : 0) << 32) + ((uint64_t)getpid() << 40));
  if (drawn % (uint64_t)atoll(in)) return 0;
  if (count) {
    int file = syscall(SYS_openat, AT_FDCWD, count, O_WRONLY | O_CREAT | O_APPEND, 0666);
    syscall(SYS_write, file, "x", 1);
    syscall(SYS_close, file);
  }
  return 1 + (drawn >> 60 & 1);
}

static int error(void) {
  const char *said = getenv("FLAKY_ERROR");
  return said ? atoi(said) : EIO;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *from, size_t count) {
  REAL(write);
  int how = fails(fd);
  if (how == 2) real(fd, from, count / 2);
  if (how) return errno = error(), -1;
  return real(fd, from, count);
}

ssize_t pwrite(int fd, const void *from, size_t count, off_t at) {
  REAL(pwrite);
  int how = fails(fd);
  if (how == 2) real(fd, from, count / 2, at);
  if (how) return errno = error(), -1;
  return real(fd, from, count, at);
}

ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) {
  REAL(pwrite64);
  int how = fails(fd);
  if (how == 2) real(fd, from, count / 2, at);
  if (how) return errno = error(), -1;
  return real(fd, from, count, at);
}

ssize_t writev(int fd, const struct iovec *from, int count) {
  REAL(writev);
  if (fails(fd)) return errno = error(), -1;
  return real(fd, from, count);
}

int fsync(int fd) {
  REAL(fsync);
  if (fails(fd)) return errno = error(), -1;
  return real(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  if (fails(fd)) return errno = error(), -1;
  return real(fd);
}
