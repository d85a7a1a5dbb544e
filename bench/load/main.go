// Command load has the staff of many clinics use the real bot: vetalyze serve as a process of its own, updates and calls
// over HTTP through the simulator, by webhook and by polling, on the database that BENCH_DATABASE_URL names (filled by
// `vetalyze load`; without it a small one is made). Arrivals are planned beforehand, so waiting counts. It ends with a table.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// settings say how much load there is.
type settings struct {
	database string        // URL; empty: a small one is made
	people   int           // staff at work
	rate     float64       // updates a second of the mix
	during   time.Duration // of each measurement
	warm     time.Duration // before them
	clients  int           // updates under way at once where as many as possible are wanted
	intakes  []intake
	batch    bool   // everything runs under SCHED_BATCH
	profile  string // directory; empty: none
	seed     uint64
	log      io.Writer // of what goes on
}

func main() {
	s := settings{database: os.Getenv("BENCH_DATABASE_URL"), log: os.Stderr}
	var by string
	flag.IntVar(&s.people, "people", 1500, "staff at work")
	flag.Float64Var(&s.rate, "rate", 500, "updates a second of the mix")
	flag.DurationVar(&s.during, "for", 30*time.Second, "how long each measurement takes; there are four")
	flag.DurationVar(&s.warm, "warm", 5*time.Second, "how long all connections are kept busy before anything is measured; as long as it takes "+
		"to have in memory what is worked with, for a database larger than that")
	flag.IntVar(&s.clients, "clients", 32, "updates under way at once where as many as possible are wanted")
	flag.BoolVar(&s.batch, "batch", false, "run everything on this machine under SCHED_BATCH, as docs/operations has it: on Linux, by who may change "+
		"the database server's scheduling, which is put back at the end")
	flag.StringVar(&by, "intake", "both", "webhook, polling or both")
	flag.StringVar(&s.profile, "profile", "", "write CPU, heap and allocation profiles to this `directory`")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().Unix()), "of everything random; the same one twice registers the same phones")
	flag.Parse()
	switch by {
	case "both":
		s.intakes = []intake{webhook, polling}
	case "webhook", "polling":
		s.intakes = []intake{intake(by)}
	default:
		flag.Usage()
		os.Exit(2)
	}
	// The simulator shares the processors with the bot, and is not what is measured: half of one is enough for it, and where it
	// has one nobody waits for its locks.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(1600)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run measures every intake and writes the table.
func run(ctx context.Context, s settings, to io.Writer) (err error) {
	h, err := openHouse(ctx, s)
	if err != nil {
		return err
	}
	defer h.close()
	var columns []column
	for _, by := range s.intakes {
		measured, err := measure(ctx, s, h, by)
		if err != nil {
			return fmt.Errorf("%s: %w", by, err)
		}
		columns = append(columns, measured...)
	}
	fmt.Fprintf(to, "\n%s\n\n", h.describe(s))
	writeTable(to, columns)
	return nil
}
