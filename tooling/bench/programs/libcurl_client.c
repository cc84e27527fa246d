/* libcurl's multi interface as a contender: ORIGIN TARGET CONNECTIONS; speaks as client-process.mjs does. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static size_t drop(char *bytes, size_t size, size_t count, void *seen) {
  (void)bytes;
  *(size_t *)seen += size * count;
  return size * count;
}

static double nowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static double cpuUs(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void fail(const char *what) {
  printf("{\"error\":\"%s\"}\n", what);
  exit(1);
}

static void run(CURLM *multi, CURL **lanes, int connections, double durationMs) {
  double cpu = cpuUs(), started = nowMs();
  long count = 0;
  int running = 0, left = connections;
  for (int at = 0; at < connections; at++) curl_multi_add_handle(multi, lanes[at]);
  while (left > 0) {
    CURLMsg *message;
    int queued;
    if (curl_multi_perform(multi, &running) != CURLM_OK) fail("curl_multi_perform");
    while ((message = curl_multi_info_read(multi, &queued))) {
      CURL *lane = message->easy_handle;
      if (message->msg != CURLMSG_DONE) continue;
      if (message->data.result != CURLE_OK) fail(curl_easy_strerror(message->data.result));
      count++;
      curl_multi_remove_handle(multi, lane);
      if (nowMs() - started < durationMs) curl_multi_add_handle(multi, lane);
      else left--;
    }
    if (left > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  printf("{\"count\":%ld,\"elapsedMs\":%f,\"cpuUs\":%f}\n", count, nowMs() - started, cpuUs() - cpu);
}

int main(int argc, char **argv) {
  char url[1024], line[256];
  size_t seen = 0;
  if (argc != 4) return 1;
  snprintf(url, sizeof url, "%s%s", argv[1], argv[2]);
  int connections = atoi(argv[3]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)connections);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections);
  CURL **lanes = calloc((size_t)connections, sizeof *lanes);
  for (int at = 0; at < connections; at++) {
    lanes[at] = curl_easy_init();
    curl_easy_setopt(lanes[at], CURLOPT_URL, url);
    curl_easy_setopt(lanes[at], CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(lanes[at], CURLOPT_WRITEDATA, &seen);
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("{\"ready\":\"libcurl %s\"}\n", curl_version_info(CURLVERSION_NOW)->version);
  while (fgets(line, sizeof line, stdin)) run(multi, lanes, connections, atof(line + strlen("run ")));
  return 0;
}
