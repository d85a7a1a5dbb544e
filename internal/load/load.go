// Package load fills an empty database with made-up clinics: staff, a year of subscriptions, owners and pets under names
// people have, as many as wanted, by COPY. It is for measuring and for trying things out at full size; what it writes
// goes past the rules of registry and subscription, but not past a constraint or trigger of the database.
package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"vetalyze/internal/clock"
)

var (
	// ErrNotEmpty refuses a database with clinics that this load has not made.
	ErrNotEmpty = errors.New("the database is not empty: load fills an empty one, or goes on with what it began " +
		"under the same --seed and --owners")
	// ErrBrokenOff says that the load was stopped before its end.
	ErrBrokenOff = errors.New("broken off: started again, it goes on where it was")
	// ErrBusy says that another load fills the database at this moment.
	ErrBusy = errors.New("another load is filling this database")
)

// What a load is held to; far below what the ids have room for.
const (
	MaxClinics = 20_000
	MaxOwners  = 200_000
)

// A Config says how much to make up.
type Config struct {
	Clinics int
	Owners  int    // of each clinic; with half as many pets again
	Seed    uint64 // the same seed on the same day makes the same rows
	Clock   *clock.Clock
	Jobs    int            // connections that write at once; 0: one for each processor
	Report  func(Progress) // called after every few thousand rows, by several goroutines at once; may be nil
}

// A Progress says how far a load has come.
type Progress struct {
	Owners int64 // written, those of an earlier run too
	Of     int64
	Tidy   bool // all are written; the database collects statistics
}

// A Summary is what the database holds at the end.
type Summary struct {
	Clinics, Staff, Subscriptions, Owners, Pets int64
	Found                                       int // clinics that an earlier run had loaded
}

const (
	// batchClinics are loaded in one transaction, so that a load broken off can go on. Their owners are written in the
	// order of time, which scatters the rows of a clinic over the table, as in a year of work.
	batchClinics = 25

	// chunk is how many owners one COPY takes: triggers that work by statement stay within their memory.
	chunk = 2500
)

// lockKey is the advisory lock of a database being loaded.
const lockKey = 0x6c6f6164 // "load"

// Fill loads the migrated database at url. The user must own the tables, as the one who migrated does. A load that was
// broken off goes on where it was; one that is done is left alone; more clinics than before are added to those.
func Fill(ctx context.Context, url string, config Config) (Summary, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return Summary{}, err
	}
	defer release(context.WithoutCancel(ctx), conn)

	if config.Clinics < 1 || config.Clinics > MaxClinics || config.Owners < 1 || config.Owners > MaxOwners {
		return Summary{}, fmt.Errorf("load: from 1 to %d clinics with 1 to %d owners each", MaxClinics, MaxOwners)
	}
	f := &filler{url: url, config: config}
	if f.config.Jobs == 0 {
		f.config.Jobs = runtime.NumCPU()
	}
	if err := f.prepare(ctx, conn); err != nil {
		return Summary{}, fmt.Errorf("load: %w", err)
	}
	f.report(Progress{Owners: f.written.Load(), Of: f.goal()})
	if err := f.fill(ctx); err != nil {
		if ctx.Err() != nil {
			err = ErrBrokenOff
		}
		return Summary{}, fmt.Errorf("load: %w", err)
	}
	f.report(Progress{Owners: f.written.Load(), Of: f.goal(), Tidy: true})
	if err := f.tidy(ctx, conn); err != nil {
		return Summary{}, fmt.Errorf("load: collect statistics: %w", err)
	}
	return f.count(ctx, conn)
}

// release gives the lock back and closes the connection. By closing alone the server would give it back, but some time later:
// the next load would find this one still at work.
func release(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock_all()") // a connection that is broken off has lost it
	_ = conn.Close(ctx)
}

// A filler is one load.
type filler struct {
	url     string
	config  Config
	gen     *generator
	bypass  bool         // the user is above row-level security
	found   map[int]bool // numbers of the clinics that are there already
	written atomic.Int64 // owners
}

func (f *filler) goal() int64 { return int64(f.config.Clinics) * int64(f.config.Owners) }

func (f *filler) report(p Progress) {
	if f.config.Report != nil {
		f.config.Report(p)
	}
}

// fill writes the clinics that are missing, batch by batch, on several connections.
func (f *filler) fill(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []int)
	group.Go(func() error {
		defer close(batches)
		for first := 1; first <= f.config.Clinics; first += batchClinics {
			missing := f.missing(first, min(first+batchClinics-1, f.config.Clinics))
			if len(missing) == 0 {
				continue
			}
			select {
			case batches <- missing:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range f.config.Jobs {
		group.Go(func() error { return f.work(ctx, batches) })
	}
	return group.Wait()
}

// missing are the numbers of a batch that are not there: all of it, none, or its end if more clinics are wanted now.
func (f *filler) missing(first, last int) (numbers []int) {
	for number := first; number <= last; number++ {
		if !f.found[number] {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

func (f *filler) work(ctx context.Context, batches <-chan []int) error {
	conn, err := connect(ctx, f.url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for numbers := range batches {
		b := f.gen.batch(numbers)
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			w := writer{tx: tx, bypass: f.bypass, clinics: b.clinics}
			return w.batch(ctx, b, func(owners int) {
				f.report(Progress{Owners: f.written.Add(int64(owners)), Of: f.goal()})
			})
		})
		if err != nil {
			return fmt.Errorf("clinics from %d: %w", numbers[0], err)
		}
	}
	return nil
}

// connect opens a connection with the memory that the triggers' sorting likes. Commits are waited for: there are few, and
// VACUUM takes no page as visible to all whose commit is not on the disk.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	config.RuntimeParams["application_name"] = "vetalyze load"
	config.RuntimeParams["work_mem"] = "64MB"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return conn, nil
}
