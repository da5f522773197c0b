/* load: a Kafka client that costs nearly nothing, to see what the broker costs.
 *
 *   load MODE PORT [name=value ...]
 *
 *   produce   identical batches, `depth` in flight        size record depth connections partitions acks topic times
 *   consume   fetches of whole batches, two in flight     size fetch connections discard topic (as produced)
 *   ask       small requests, `depth` in flight           kind=versions|metadata|produce depth connections
 *   latency   one request at a time                       kind=versions|metadata|produce
 *   e2e       records at a fixed rate to a waiting reader rate topic
 *   fill      keyed records, most of them not the last      count keys seed record size depth topic
 *   paced     one keyed record at a fixed rate              rate keys record topic
 *   survivors what is left of a fill, against what must be  count keys seed topic
 *
 * times=1 also measures how long each answer took (depth of 64 at most).
 * All modes: seconds=2, pid= of the broker (its CPU time is read from /proc). One line of JSON comes out.
 * Requests are the oldest versions that every broker of today has: Produce 3, Fetch 4, Metadata 1, ApiVersions 0.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 256, SCRATCH = 1 << 18, SEVERAL = 1 << 14, CONNECTIONS_MAX = 1000, SAMPLES_MAX = 1 << 20, TIMED_MAX = 64 };

static const char *opt_mode, *opt_topic = "bench", *opt_kind = "versions";
static double opt_connections = 1, opt_depth = 4, opt_partitions = 1, opt_acks = 1, opt_pid, opt_rate = 1000;
static double opt_size = 65536, opt_record = 1000, opt_fetch = 1 << 20, opt_batches, opt_discard, opt_seconds = 2;
static double opt_times, opt_count = 1000, opt_keys = 100, opt_seed = 1;
static int opt_port;

static const struct {
  const char *name;
  double *number;
  const char **text;
} options[] = {
    {"topic", NULL, &opt_topic},
    {"kind", NULL, &opt_kind},
    {"connections", &opt_connections, NULL},
    {"depth", &opt_depth, NULL},
    {"partitions", &opt_partitions, NULL},
    {"acks", &opt_acks, NULL},
    {"pid", &opt_pid, NULL},
    {"rate", &opt_rate, NULL},
    {"size", &opt_size, NULL},
    {"record", &opt_record, NULL},
    {"fetch", &opt_fetch, NULL},
    {"batches", &opt_batches, NULL},
    {"discard", &opt_discard, NULL},
    {"seconds", &opt_seconds, NULL},
    {"times", &opt_times, NULL},
    {"count", &opt_count, NULL},
    {"keys", &opt_keys, NULL},
    {"seed", &opt_seed, NULL},
};

static void fail(const char *what) {
  fprintf(stderr, "load %s: %s%s%s\n", opt_mode, what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

static uint64_t nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* User and system time of the broker, all threads, in seconds. */
static double broker_cpu(void) {
  char path[64], text[1024];
  if (opt_pid == 0)
    return 0;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)opt_pid);
  int file = open(path, O_RDONLY);
  ssize_t k = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (k <= 0)
    fail("the broker is gone");
  close(file);
  text[k] = 0;
  unsigned long user = 0, system = 0;
  char *behind_name = strrchr(text, ')');
  if (!behind_name ||
      sscanf(behind_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    fail("cannot read /proc/PID/stat");
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* ---- bytes --------------------------------------------------------------- */

typedef struct {
  uint8_t *bytes;
  size_t count, room;
} Buffer;

static void put(Buffer *b, const void *data, size_t count) {
  if (b->count + count > b->room) {
    b->room = 2 * (b->count + count);
    b->bytes = realloc(b->bytes, b->room);
    if (!b->bytes)
      fail("no memory");
  }
  if (data)
    memcpy(b->bytes + b->count, data, count);
  else
    memset(b->bytes + b->count, 'x', count);
  b->count += count;
}

static void store(uint8_t *at, uint64_t value, int width) {
  for (int i = width - 1; i >= 0; i--, value >>= 8)
    at[i] = (uint8_t)value;
}

static uint64_t load(const uint8_t *at, int width) {
  uint64_t value = 0;
  for (int i = 0; i < width; i++)
    value = value << 8 | at[i];
  return value;
}

static void integer(Buffer *b, int64_t value, int width) {
  uint8_t data[8];
  store(data, (uint64_t)value, width);
  put(b, data, (size_t)width);
}

static void string(Buffer *b, const char *text) {
  integer(b, text ? (int64_t)strlen(text) : -1, 2);
  if (text)
    put(b, text, strlen(text));
}

static void varint(Buffer *b, int64_t value) {
  uint64_t raw = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
  do {
    uint8_t byte = (uint8_t)(raw & 0x7f) | (raw > 0x7f ? 0x80 : 0);
    put(b, &byte, 1);
    raw >>= 7;
  } while (raw);
}

static uint32_t crc32c(const uint8_t *data, size_t count) {
  static uint32_t table[8][256];
  if (!table[0][1])
    for (int i = 0; i < 256; i++) {
      uint32_t c = (uint32_t)i;
      for (int k = 0; k < 8; k++)
        c = c >> 1 ^ (c & 1 ? 0x82f63b78u : 0);
      table[0][i] = c;
    }
  if (!table[1][1])
    for (int i = 0; i < 256; i++)
      for (int k = 1; k < 8; k++)
        table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
  uint32_t crc = ~0u;
  for (; count >= 8; count -= 8, data += 8) {
    uint32_t low = crc ^ ((uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24);
    crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
          table[3][data[4]] ^ table[2][data[5]] ^ table[1][data[6]] ^ table[0][data[7]];
  }
  for (; count; count--, data++)
    crc = crc >> 8 ^ table[0][(crc ^ *data) & 0xff];
  return ~crc;
}

enum { BATCH_LENGTH = 8, BATCH_CRC = 17, BATCH_ATTRIBUTES = 21, BATCH_LAST_DELTA = 23, BATCH_RECORDS = 57, BATCH_HEADER = 61 };

static void seal(uint8_t *batch, size_t count) {
  store(batch + BATCH_CRC, crc32c(batch + BATCH_ATTRIBUTES, count - BATCH_ATTRIBUTES), 4);
}

/* An uncompressed batch of records of `record` bytes, as many as fit into `size`, at least one. */
static Buffer make_batch(size_t size, size_t record, int *records) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t stamp = (int64_t)now.tv_sec * 1000;
  Buffer b = {0}, body = {0};
  int count = 0;
  do {
    Buffer one = {0};
    integer(&one, 0, 1);
    varint(&one, 0);
    varint(&one, count);
    varint(&one, -1);
    varint(&one, (int64_t)record);
    put(&one, NULL, record);
    varint(&one, 0);
    varint(&body, (int64_t)one.count);
    put(&body, one.bytes, one.count);
    free(one.bytes);
    count++;
  } while (BATCH_HEADER + body.count + record + 12 <= size);
  integer(&b, 0, 8);
  integer(&b, (int64_t)(BATCH_HEADER - 12 + body.count), 4);
  integer(&b, -1, 4);
  integer(&b, 2, 1);
  integer(&b, 0, 4);
  integer(&b, 0, 2);
  integer(&b, count - 1, 4);
  integer(&b, stamp, 8);
  integer(&b, stamp, 8);
  integer(&b, -1, 8);
  integer(&b, -1, 2);
  integer(&b, -1, 4);
  integer(&b, count, 4);
  put(&b, body.bytes, body.count);
  free(body.bytes);
  seal(b.bytes, b.count);
  *records = count;
  return b;
}

static Buffer begin(int api, int version) {
  Buffer b = {0};
  integer(&b, 0, 4);
  integer(&b, api, 2);
  integer(&b, version, 2);
  integer(&b, 1, 4);
  string(&b, "load");
  return b;
}

static Buffer end(Buffer b) {
  store(b.bytes, b.count - 4, 4);
  return b;
}

static Buffer produce_frame(const char *topic, int partition, const Buffer *batch) {
  Buffer b = begin(0, 3);
  string(&b, NULL);
  integer(&b, (int64_t)opt_acks, 2);
  integer(&b, 30000, 4);
  integer(&b, 1, 4);
  string(&b, topic);
  integer(&b, 1, 4);
  integer(&b, partition, 4);
  integer(&b, (int64_t)batch->count, 4);
  put(&b, batch->bytes, batch->count);
  return end(b);
}

static Buffer fetch_frame(const char *topic, int partition, int64_t offset, size_t bytes, int wait, int least) {
  Buffer b = begin(1, 4);
  integer(&b, -1, 4);
  integer(&b, wait, 4);
  integer(&b, least, 4);
  integer(&b, (int64_t)bytes, 4);
  integer(&b, 0, 1);
  integer(&b, 1, 4);
  string(&b, topic);
  integer(&b, 1, 4);
  integer(&b, partition, 4);
  integer(&b, offset, 8);
  integer(&b, (int64_t)bytes, 4);
  return end(b);
}

static Buffer small_frame(void) {
  if (strcmp(opt_kind, "versions") == 0)
    return end(begin(18, 0));
  if (strcmp(opt_kind, "metadata") == 0) {
    Buffer b = begin(3, 1);
    integer(&b, 1, 4);
    string(&b, opt_topic);
    return end(b);
  }
  if (strcmp(opt_kind, "produce") != 0)
    fail("kind is versions, metadata or produce");
  int records;
  Buffer batch = make_batch(0, 100, &records);
  return produce_frame(opt_topic, 0, &batch);
}

/* Where the error code of the only partition stands in an answer, behind the length. */
static size_t produce_error_at(void) { return 4 + 4 + 2 + strlen(opt_topic) + 4 + 4; }
static size_t fetch_error_at(void) { return 4 + 4 + 4 + 2 + strlen(opt_topic) + 4 + 4; }
static size_t fetch_records_at(void) { return fetch_error_at() + 2 + 8 + 8 + 4; }

/* ---- connections --------------------------------------------------------- */

static int dial(bool blocking) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt_port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
    fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct timeval patience = {.tv_sec = 20};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (!blocking)
    fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

typedef struct {
  int fd, partition, outstanding;
  bool again;          /* there may be more to read or room to write */
  Buffer frames;       /* what is sent: one frame, or several equal ones */
  size_t frame, sent;  /* bytes of one frame, bytes of the present one that are sent */
  int64_t next;        /* consume: the batch to ask for */
  uint8_t head[HEAD];  /* the beginning of the present answer */
  size_t have, size;   /* bytes of the answer that came, bytes it has with its length */
  uint64_t sent_at[TIMED_MAX]; /* when the frames that are in flight left, in a ring */
  unsigned first_sent, last_sent;
} Connection;

static uint64_t answers, answer_bytes;
static uint64_t times[SAMPLES_MAX];
static size_t times_count;
static size_t batch_bytes, fetch_bytes, step; /* of one batch, of one fetch; batches of one fetch */
static int batch_records;

static void check_answer(Connection *c) {
  errno = 0;
  bool fetched = strcmp(opt_mode, "consume") == 0;
  bool produced = strcmp(opt_mode, "produce") == 0 || strcmp(opt_kind, "produce") == 0;
  size_t at = 4 + (fetched ? fetch_error_at() : produced ? produce_error_at() : 0);
  char text[80];
  if ((fetched || produced) && (c->size < at + 2 || load(c->head + at, 2) != 0)) {
    snprintf(text, sizeof text, "error code %d", c->size < at + 2 ? -1 : (int)load(c->head + at, 2));
    fail(text);
  }
  if (fetched) {
    size_t records = load(c->head + 4 + fetch_records_at(), 4);
    if (records != fetch_bytes) {
      snprintf(text, sizeof text, "%zu bytes of batches instead of %zu", records, fetch_bytes);
      fail(text);
    }
    answer_bytes += records;
  }
  answers++;
}

/* Takes the bytes of one read, or, when `data` is null, as many that the kernel threw away. */
static void take(Connection *c, const uint8_t *data, size_t count) {
  while (count) {
    size_t want = c->have < 4 ? 4 - c->have : c->size - c->have, part = count < want ? count : want;
    if (c->have < HEAD && data) {
      size_t copy = HEAD - c->have < part ? HEAD - c->have : part;
      memcpy(c->head + c->have, data, copy);
    }
    c->have += part;
    count -= part;
    if (data)
      data += part;
    if (c->have == 4)
      c->size = 4 + load(c->head, 4);
    if (c->have >= 4 && c->have == c->size) {
      check_answer(c);
      if (opt_times && times_count < SAMPLES_MAX)
        times[times_count++] = nanoseconds() - c->sent_at[c->first_sent++ % TIMED_MAX];
      c->outstanding--;
      c->have = c->size = 0;
    }
  }
}

static void fill(Connection *c) {
  bool consume = strcmp(opt_mode, "consume") == 0;
  while (c->outstanding < opt_depth) {
    if (consume && c->sent == 0) {
      if ((double)c->next + (double)step > opt_batches)
        c->next = 0;
      Buffer b = fetch_frame(opt_topic, c->partition, c->next * batch_records, fetch_bytes, 0, 0);
      free(c->frames.bytes);
      c->frames = b;
      c->frame = b.count;
      c->next += (int64_t)step;
    }
    size_t copies = c->frames.count / c->frame, want = (size_t)((int)opt_depth - c->outstanding);
    if (want > copies)
      want = copies;
    ssize_t k = send(c->fd, c->frames.bytes + c->sent, want * c->frame - c->sent, MSG_NOSIGNAL);
    if (k < 0 && errno == EAGAIN)
      return;
    if (k < 0)
      fail("send");
    c->sent += (size_t)k;
    if (opt_times)
      for (size_t left = c->sent / c->frame; left; left--)
        c->sent_at[c->last_sent++ % TIMED_MAX] = nanoseconds();
    c->outstanding += (int)(c->sent / c->frame);
    c->sent %= c->frame;
  }
}

static void drain(Connection *c, uint8_t *scratch) {
  for (int rounds = 0; rounds < 8; rounds++) {
    bool discard = opt_discard && c->have >= HEAD && c->size > c->have;
    size_t room = discard ? c->size - c->have : opt_discard && c->have < HEAD ? HEAD - c->have : SCRATCH;
    ssize_t k = recv(c->fd, scratch, room, discard ? MSG_TRUNC : 0);
    if (k < 0 && errno == EAGAIN)
      return;
    if (k <= 0)
      fail(k == 0 ? (errno = 0, "the broker closed the connection") : "recv");
    take(c, discard ? NULL : scratch, (size_t)k);
    if ((size_t)k < room)
      return;
  }
}

/* A few turns of reading and writing, so that no connection starves the others; events come once per edge. */
static void serve(Connection *c, uint8_t *scratch) {
  for (int turn = 0; turn < 8; turn++) {
    uint64_t before = answers + answer_bytes;
    size_t had = c->have, sent = c->sent;
    drain(c, scratch);
    fill(c);
    if (c->have == had && c->sent == sent && before == answers + answer_bytes) {
      c->again = false;
      return;
    }
  }
  c->again = true;
}

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void pump(void) {
  static Connection connections[CONNECTIONS_MAX];
  static uint8_t scratch[SCRATCH] __attribute__((aligned(4096)));
  int poller = epoll_create1(EPOLL_CLOEXEC);
  bool produce = strcmp(opt_mode, "produce") == 0;
  Buffer batch = make_batch((size_t)opt_size, (size_t)opt_record, &batch_records);
  batch_bytes = batch.count;
  if (strcmp(opt_mode, "consume") == 0) {
    step = opt_fetch < (double)batch_bytes ? 1 : (size_t)opt_fetch / batch_bytes;
    fetch_bytes = step * batch_bytes;
    if (opt_batches == 0)
      fail("batches= is missing: how many were produced");
  }
  for (int i = 0; i < opt_connections; i++) {
    Connection *c = &connections[i];
    c->fd = dial(false);
    c->partition = i % (int)opt_partitions;
    Buffer one = produce ? produce_frame(opt_topic, c->partition, &batch) : small_frame();
    c->frame = one.count;
    for (int copies = 0; copies == 0 || (copies < opt_depth && c->frames.count < SEVERAL); copies++)
      put(&c->frames, one.bytes, one.count);
    free(one.bytes);
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e) < 0)
      fail("epoll_ctl");
  }
  uint64_t warm = nanoseconds() + 300000000u, start = 0, now;
  uint64_t stop = warm + (uint64_t)(opt_seconds * 1e9);
  double cpu = 0;
  uint64_t answers_before = 0, bytes_before = 0, all_seen = 0, seen_at = warm;
  for (;;) {
    struct epoll_event events[64];
    bool hurry = false;
    for (int i = 0; i < opt_connections; i++)
      if (connections[i].again) {
        serve(&connections[i], scratch);
        hurry |= connections[i].again;
      }
    int ready = epoll_wait(poller, events, 64, hurry ? 0 : 100);
    for (int i = 0; i < ready; i++)
      serve(events[i].data.ptr, scratch);
    now = nanoseconds();
    if (answers != all_seen) {
      all_seen = answers;
      seen_at = now;
    } else if (now > seen_at && now - seen_at > 20000000000u) {
      errno = 0;
      fail("no answer for 20 seconds");
    }
    if (start == 0 && now >= warm) {
      start = now;
      cpu = broker_cpu();
      answers_before = answers;
      bytes_before = answer_bytes;
      times_count = 0;
    }
    if (start && now >= stop)
      break;
  }
  cpu = broker_cpu() - cpu;
  double seconds = (double)(now - start) / 1e9;
  uint64_t count = answers - answers_before;
  uint64_t bytes = produce ? count * batch_bytes : answer_bytes - bytes_before;
  printf("{\"seconds\": %.3f, \"answers\": %llu, \"per_second\": %.0f, \"bytes\": %llu, \"gb_per_second\": %.4f, "
         "\"cpu_seconds\": %.2f, \"cpu_per_gb\": %.4f, \"cpu_us_per_answer\": %.3f, \"all_answers\": %llu, "
         "\"batch_bytes\": %zu, \"batch_records\": %d",
         seconds, (unsigned long long)count, (double)count / seconds, (unsigned long long)bytes,
         (double)bytes / seconds / 1e9, cpu, bytes ? cpu / ((double)bytes / 1e9) : 0,
         count ? cpu * 1e6 / (double)count : 0, (unsigned long long)answers, batch_bytes, batch_records);
  if (times_count) {
    qsort(times, times_count, sizeof *times, by_value);
    printf(", \"p50_us\": %.1f, \"p99_us\": %.1f", (double)times[times_count / 2] / 1e3,
           (double)times[times_count * 99 / 100] / 1e3);
  }
  puts("}");
}

/* ---- latency ------------------------------------------------------------- */

static void read_fully(int fd, uint8_t *data, size_t count) {
  while (count) {
    ssize_t k = recv(fd, data, count, 0);
    if (k <= 0)
      fail("recv");
    data += k;
    count -= (size_t)k;
  }
}

static void send_fully(int fd, const uint8_t *data, size_t count) {
  while (count) {
    ssize_t k = send(fd, data, count, MSG_NOSIGNAL);
    if (k <= 0)
      fail("send");
    data += k;
    count -= (size_t)k;
  }
}

/* Returns the size of an answer without its length; as much of it as fits is in `data`. */
static size_t read_answer(int fd, uint8_t *data, size_t room) {
  uint8_t length[4];
  read_fully(fd, length, 4);
  size_t size = load(length, 4), left = size > room ? size - room : 0;
  read_fully(fd, data, size - left);
  for (uint8_t waste[4096]; left;) {
    size_t part = left < sizeof waste ? left : sizeof waste;
    read_fully(fd, waste, part);
    left -= part;
  }
  return size;
}

static void print_samples(uint64_t *samples, size_t count) {
  errno = 0;
  if (count == 0)
    fail("no sample");
  qsort(samples, count, sizeof *samples, by_value);
  printf("{\"count\": %zu, \"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, \"max_us\": %.2f}\n", count,
         (double)samples[count / 2] / 1e3, (double)samples[count * 99 / 100] / 1e3,
         (double)samples[count * 999 / 1000] / 1e3, (double)samples[count - 1] / 1e3);
}

static void latency(void) {
  static uint64_t samples[SAMPLES_MAX];
  static uint8_t answer[65536];
  Buffer frame = small_frame();
  int fd = dial(true);
  size_t count = 0;
  uint64_t warm = nanoseconds() + 200000000u, stop = warm + (uint64_t)(opt_seconds * 1e9), now = 0;
  while (now < stop && count < SAMPLES_MAX) {
    uint64_t start = nanoseconds();
    send_fully(fd, frame.bytes, frame.count);
    read_answer(fd, answer, sizeof answer);
    now = nanoseconds();
    if (now >= warm)
      samples[count++] = now - start;
  }
  print_samples(samples, count);
}

/* ---- end to end ---------------------------------------------------------- */

/* The value of the only record begins with the time at which it was due. */
enum { E2E_RECORD = 1024 };

static void e2e_produce(const Buffer *batch, size_t value_at) {
  Buffer frame = produce_frame(opt_topic, 0, batch);
  uint8_t *inside = frame.bytes + frame.count - batch->count;
  uint8_t answers_seen[65536];
  int fd = dial(true);
  uint64_t interval = 1000000000u / (uint64_t)opt_rate, due = nanoseconds() + 300000000u;
  uint64_t stop = due + (uint64_t)(opt_seconds * 1e9);
  for (; due < stop; due += interval) {
    struct timespec until = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
    store(inside + value_at, due, 8);
    seal(inside, batch->count);
    send_fully(fd, frame.bytes, frame.count);
    while (recv(fd, answers_seen, sizeof answers_seen, MSG_DONTWAIT) > 0) {
    }
  }
  _exit(0);
}

static void e2e(void) {
  static uint64_t samples[SAMPLES_MAX];
  static uint8_t answer[1 << 21];
  int records;
  Buffer batch = make_batch(0, E2E_RECORD, &records);
  size_t value_at = batch.count - 1 - E2E_RECORD, count = 0;
  size_t expected = (size_t)(opt_seconds * opt_rate);
  int fd = dial(true);
  pid_t child = fork();
  if (child == 0)
    e2e_produce(&batch, value_at);
  int64_t offset = 0;
  uint64_t stop = nanoseconds() + (uint64_t)((opt_seconds + 10) * 1e9);
  while (count < expected && count < SAMPLES_MAX && nanoseconds() < stop) {
    Buffer ask = fetch_frame(opt_topic, 0, offset, 1 << 20, 500, 1);
    send_fully(fd, ask.bytes, ask.count);
    free(ask.bytes);
    size_t size = read_answer(fd, answer, sizeof answer);
    uint64_t now = nanoseconds();
    errno = 0;
    if (size < fetch_records_at() + 4 || load(answer + fetch_error_at(), 2) != 0)
      fail("the fetch was refused");
    size_t left = load(answer + fetch_records_at(), 4);
    for (uint8_t *at = answer + fetch_records_at() + 4; left >= batch.count; at += batch.count, left -= batch.count) {
      if (count < SAMPLES_MAX)
        samples[count++] = now - load(at + value_at, 8);
      offset = (int64_t)load(at, 8) + 1;
    }
  }
  int status;
  waitpid(child, &status, 0);
  print_samples(samples, count);
}

/* ---- compaction ---------------------------------------------------------- */

/* Record i of a fill has the key key_of(i), eight bytes, and a value that begins with i. */
static uint64_t key_of(uint64_t i) {
  uint64_t x = (i + (uint64_t)opt_seed * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 29) * 0x94d049bb133111ebu;
  return (x ^ x >> 32) % (uint64_t)opt_keys;
}

/* An uncompressed batch of the records from `first` on; all have `key`, or each its own. */
static void keyed_batch(Buffer *b, uint64_t first, int records, uint64_t key, size_t record) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t stamp = (int64_t)now.tv_sec * 1000;
  Buffer one = {0};
  b->count = 0;
  put(b, NULL, BATCH_HEADER);
  for (int i = 0; i < records; i++) {
    one.count = 0;
    integer(&one, 0, 1);
    varint(&one, 0);
    varint(&one, i);
    varint(&one, 8);
    integer(&one, (int64_t)(key == UINT64_MAX ? key_of(first + (uint64_t)i) : key), 8);
    varint(&one, (int64_t)record);
    integer(&one, (int64_t)first + i, 8);
    put(&one, NULL, record - 8);
    varint(&one, 0);
    varint(b, (int64_t)one.count);
    put(b, one.bytes, one.count);
  }
  free(one.bytes);
  uint8_t *at = b->bytes;
  memset(at, 0, BATCH_HEADER);
  store(at + BATCH_LENGTH, b->count - 12, 4);
  store(at + 12, UINT32_MAX, 4);
  at[16] = 2;
  store(at + BATCH_LAST_DELTA, (uint64_t)records - 1, 4);
  store(at + 27, (uint64_t)stamp, 8);
  store(at + 35, (uint64_t)stamp, 8);
  memset(at + 43, 0xff, 14);
  store(at + BATCH_RECORDS, (uint64_t)records, 4);
  seal(at, b->count);
}

static void expect_success(int fd) {
  static uint8_t answer[4096];
  size_t size = read_answer(fd, answer, sizeof answer);
  errno = 0;
  if (size < produce_error_at() + 2 || load(answer + produce_error_at(), 2) != 0)
    fail("the records were refused");
}

static void fill_keys(void) {
  uint64_t count = (uint64_t)opt_count, done = 0, flying = 0, start = nanoseconds();
  int per_batch = (int)(opt_size / (opt_record + 24));
  Buffer batch = {0};
  int fd = dial(true);
  while (done < count) {
    int records = (uint64_t)per_batch < count - done ? per_batch : (int)(count - done);
    keyed_batch(&batch, done, records, UINT64_MAX, (size_t)opt_record);
    Buffer frame = produce_frame(opt_topic, 0, &batch);
    send_fully(fd, frame.bytes, frame.count);
    free(frame.bytes);
    done += (uint64_t)records;
    if (++flying > (uint64_t)opt_depth) {
      expect_success(fd);
      flying--;
    }
  }
  for (; flying; flying--)
    expect_success(fd);
  printf("{\"records\": %llu, \"seconds\": %.3f}\n", (unsigned long long)count, (double)(nanoseconds() - start) / 1e9);
}

/* The time from when a record was due to its acknowledgement, so that one that is late makes the next ones late too. */
static void paced(void) {
  static uint64_t samples[SAMPLES_MAX];
  size_t count = 0;
  Buffer batch = {0};
  int fd = dial(true);
  uint64_t interval = 1000000000u / (uint64_t)opt_rate, due = nanoseconds() + 100000000u;
  uint64_t stop = due + (uint64_t)(opt_seconds * 1e9);
  for (; due < stop && count < SAMPLES_MAX; due += interval) {
    keyed_batch(&batch, count, 1, (uint64_t)opt_keys, (size_t)opt_record);
    Buffer frame = produce_frame(opt_topic, 0, &batch);
    struct timespec until = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
    send_fully(fd, frame.bytes, frame.count);
    expect_success(fd);
    samples[count++] = nanoseconds() - due;
    free(frame.bytes);
  }
  print_samples(samples, count);
}

static int64_t read_varint(const uint8_t **at) {
  uint64_t raw = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    uint8_t byte = *(*at)++;
    raw |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80)
      break;
  }
  return (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
}

typedef struct {
  uint64_t count, keys, seen, stale;
  uint64_t *last, *got; /* by key: what must be its last record, and the last that came */
} Model;

/* One batch against the model; records of other keys are those of a paced producer. Returns the offset behind it. */
static int64_t check_batch(Model *m, const uint8_t *batch, int64_t from) {
  size_t bytes = load(batch + BATCH_LENGTH, 4) + 12;
  int64_t base = (int64_t)load(batch, 8);
  const uint8_t *at = batch + BATCH_HEADER;
  if (load(batch + BATCH_CRC, 4) != crc32c(batch + BATCH_ATTRIBUTES, bytes - BATCH_ATTRIBUTES))
    fail("a batch has a wrong checksum");
  for (uint64_t left = load(batch + BATCH_RECORDS, 4); left; left--) {
    int64_t length = read_varint(&at);
    const uint8_t *behind = at + length;
    at++;
    read_varint(&at);
    int64_t offset = base + read_varint(&at);
    if (read_varint(&at) != 8)
      fail("a key has a wrong length");
    uint64_t key = load(at, 8);
    at += 8;
    if (read_varint(&at) < 8)
      fail("a value is too short");
    uint64_t number = load(at, 8);
    at = behind;
    if (offset < from || key >= m->keys)
      continue;
    if (number >= m->count || number != (uint64_t)offset || key != key_of(number))
      fail("a record is not what was written");
    if (m->got[key] != UINT64_MAX && m->got[key] >= number)
      fail("an earlier value follows a later one");
    m->got[key] = number;
    m->seen++;
    m->stale += number != m->last[key];
  }
  return base + (int64_t)load(batch + BATCH_LAST_DELTA, 4) + 1;
}

static void survivors(void) {
  enum { ROOM = 4 << 20 };
  Model m = {.count = (uint64_t)opt_count, .keys = (uint64_t)opt_keys};
  m.last = malloc(m.keys * 8);
  m.got = malloc(m.keys * 8);
  uint8_t *answer = malloc(ROOM + 4096);
  if (!m.last || !m.got || !answer)
    fail("no memory");
  memset(m.last, 0xff, m.keys * 8);
  memset(m.got, 0xff, m.keys * 8);
  for (uint64_t i = 0; i < m.count; i++)
    m.last[key_of(i)] = i;
  int fd = dial(true);
  int64_t offset = 0, high = 1;
  errno = 0;
  while (offset < high) {
    Buffer ask = fetch_frame(opt_topic, 0, offset, ROOM, 500, 1);
    send_fully(fd, ask.bytes, ask.count);
    free(ask.bytes);
    size_t size = read_answer(fd, answer, ROOM + 4096);
    if (size < fetch_records_at() + 4 || load(answer + fetch_error_at(), 2) != 0)
      fail("the fetch was refused");
    high = (int64_t)load(answer + fetch_error_at() + 2, 8);
    const uint8_t *batch = answer + fetch_records_at() + 4;
    size_t left = load(answer + fetch_records_at(), 4), bytes;
    int64_t before = offset;
    for (; left >= BATCH_HEADER && left >= (bytes = load(batch + BATCH_LENGTH, 4) + 12); batch += bytes, left -= bytes)
      offset = check_batch(&m, batch, offset);
    if (offset == before)
      fail("nothing comes before the high watermark");
  }
  uint64_t distinct = 0;
  for (uint64_t key = 0; key < m.keys; key++) {
    distinct += m.last[key] != UINT64_MAX;
    if (m.got[key] != m.last[key])
      fail("a last value is missing");
  }
  printf("{\"keys\": %llu, \"records\": %llu, \"stale\": %llu}\n", (unsigned long long)distinct,
         (unsigned long long)m.seen, (unsigned long long)m.stale);
}

int main(int argc, char **argv) {
  opt_mode = argc > 1 ? argv[1] : "";
  opt_port = argc > 2 ? atoi(argv[2]) : 0;
  for (int i = 3; i < argc; i++) {
    char *value = strchr(argv[i], '=');
    if (!value)
      fail("options are name=value");
    *value++ = 0;
    const char *name = argv[i];
    bool known = false;
    for (size_t k = 0; k < sizeof options / sizeof *options && !known; k++)
      if (strcmp(name, options[k].name) == 0) {
        known = true;
        if (options[k].text)
          *options[k].text = value;
        else
          *options[k].number = atof(value);
      }
    if (!known)
      fail(name);
  }
  signal(SIGPIPE, SIG_IGN);
  if (opt_connections < 1 || opt_connections > CONNECTIONS_MAX || opt_depth < 1 || opt_partitions < 1 || opt_rate < 1)
    fail("an option is out of range");
  if (opt_times && opt_depth > TIMED_MAX)
    fail("times are kept for a depth of 64 at most");
  if (strcmp(opt_mode, "produce") == 0 || strcmp(opt_mode, "ask") == 0)
    pump();
  else if (strcmp(opt_mode, "consume") == 0) {
    opt_depth = 2;
    pump();
  } else if (strcmp(opt_mode, "latency") == 0)
    latency();
  else if (strcmp(opt_mode, "e2e") == 0)
    e2e();
  else if (strcmp(opt_mode, "fill") == 0)
    fill_keys();
  else if (strcmp(opt_mode, "paced") == 0)
    paced();
  else if (strcmp(opt_mode, "survivors") == 0)
    survivors();
  else
    fail("the mode is produce, consume, ask, latency, e2e, fill, paced or survivors");
  return 0;
}
