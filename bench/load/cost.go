package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// A cost is what updates took, of everybody who had part in them.
type cost struct {
	updates float64 // handled by the bot

	bot, postgres, redis, driver time.Duration // of processor

	queries, queryTime   float64 // round trips to PostgreSQL, and seconds
	redisCalls, apiCalls float64
	objects, bytes       float64 // allocated by the bot
	collections          float64 // of its garbage
}

// A memory is how much of it the bot has, in bytes.
type memory struct{ resident, most, heap float64 }

// A reading is all counters at one moment.
type reading struct {
	cost
	memory
}

func (r reading) since(b reading) cost {
	return cost{
		updates: r.updates - b.updates,
		bot:     r.bot - b.bot, postgres: r.postgres - b.postgres, redis: r.redis - b.redis, driver: r.driver - b.driver,
		queries: r.queries - b.queries, queryTime: r.queryTime - b.queryTime,
		redisCalls: r.redisCalls - b.redisCalls, apiCalls: r.apiCalls - b.apiCalls,
		objects: r.objects - b.objects, bytes: r.bytes - b.bytes, collections: r.collections - b.collections,
	}
}

// take reads the counters.
func (st *street) take(ctx context.Context) (r reading, err error) {
	sums, err := st.bot.metrics(ctx)
	if err != nil {
		return r, err
	}
	pid := st.bot.command.Process.Pid
	r.updates = sums["telegram_update_seconds_count"]
	r.queries, r.queryTime = sums["db_query_seconds_count"], sums["db_query_seconds_sum"]
	r.redisCalls = sums["redis_call_seconds_count"]
	r.apiCalls = sums["telegram_call_seconds_count"]
	r.objects, r.bytes = sums["go_memstats_mallocs_total"], sums["go_memstats_alloc_bytes_total"]
	r.collections, r.heap = sums["go_gc_duration_seconds_count"], sums["go_memstats_heap_inuse_bytes"]
	r.bot = processorTime(pid)
	if st.house.redis != 0 {
		r.redis = processorTime(st.house.redis)
	}
	if st.house.postgres != 0 {
		r.postgres = familyTime(st.house.postgres)
	}
	r.driver = processorTime(os.Getpid())
	r.resident, r.most = memoryOf(pid, "VmRSS"), memoryOf(pid, "VmHWM")
	return r, nil
}

// metrics adds the bot's metrics up by name, over all labels.
func (b *bot) metrics(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, publicURL+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	sums := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		line := lines.Text()
		at := strings.LastIndexByte(line, ' ')
		if at < 0 || line[0] == '#' {
			continue
		}
		name, _, _ := strings.Cut(line[:at], "{")
		if value, err := strconv.ParseFloat(line[at+1:], 64); err == nil {
			sums[name] += value
		}
	}
	return sums, nil
}

// tick is the unit of /proc/PID/stat: a hundredth of a second, whatever the machine.
const tick = time.Second / 100

// stat returns the fields of /proc/PID/stat from the state on; nil when the process is gone.
func stat(pid int) []string {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(line), ") ") // the name may hold anything
	return strings.Fields(rest)
}

// Where things are in stat, by proc(5), counted from the state.
const (
	statParent   = 1
	statUser     = 11
	statSystem   = 12
	statChildren = 13 // user time of those that have ended, and after it their system time
)

func statTime(fields []string, at int) time.Duration {
	if len(fields) <= at {
		return 0
	}
	ticks, _ := strconv.ParseInt(fields[at], 10, 64)
	return time.Duration(ticks) * tick
}

// processorTime is what a process has used.
func processorTime(pid int) time.Duration {
	fields := stat(pid)
	return statTime(fields, statUser) + statTime(fields, statSystem)
}

// familyTime is what a process and its children have used, those too that have ended.
func familyTime(pid int) time.Duration {
	fields := stat(pid)
	all := processorTime(pid) + statTime(fields, statChildren) + statTime(fields, statChildren+1)
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if child, err := strconv.Atoi(entry.Name()); err == nil && parentOf(child) == pid {
			all += processorTime(child)
		}
	}
	return all
}

func parentOf(pid int) int {
	fields := stat(pid)
	if len(fields) <= statParent {
		return 0
	}
	parent, _ := strconv.Atoi(fields[statParent])
	return parent
}

// memoryOf reads a line of /proc/PID/status, in bytes.
func memoryOf(pid int, name string) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kilobytes, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kilobytes * 1024
		}
	}
	return 0
}
