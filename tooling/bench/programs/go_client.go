// Go's net/http as a contender: ORIGIN TARGET CONNECTIONS; speaks as client-process.mjs does.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	url := os.Args[1] + os.Args[2]
	connections, _ := strconv.Atoi(os.Args[3])
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost = connections
	transport.MaxIdleConnsPerHost = connections
	client := &http.Client{Transport: transport}
	fmt.Printf("{\"ready\":\"net/http, %s\"}\n", runtime.Version())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		milliseconds, _ := strconv.ParseFloat(strings.TrimPrefix(lines.Text(), "run "), 64)
		run(client, url, connections, time.Duration(milliseconds*float64(time.Millisecond)))
	}
}

func run(client *http.Client, url string, connections int, duration time.Duration) {
	var count atomic.Int64
	var lanes sync.WaitGroup
	cpu, started := cpuMicroseconds(), time.Now()
	for lane := 0; lane < connections; lane++ {
		lanes.Add(1)
		go func() {
			defer lanes.Done()
			for {
				response, err := client.Get(url)
				if err != nil {
					panic(err)
				}
				if _, err := io.ReadAll(response.Body); err != nil {
					panic(err)
				}
				response.Body.Close()
				count.Add(1)
				if time.Since(started) >= duration {
					return
				}
			}
		}()
	}
	lanes.Wait()
	elapsed := float64(time.Since(started)) / float64(time.Millisecond)
	fmt.Printf("{\"count\":%d,\"elapsedMs\":%f,\"cpuUs\":%d}\n", count.Load(), elapsed, cpuMicroseconds()-cpu)
}

func cpuMicroseconds() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return (usage.Utime.Nano() + usage.Stime.Nano()) / 1000
}
