// Package chaos breaks what Vetalyze stands on while clinic staff are at work, and holds what they were told to what the
// database holds afterwards. The bot runs as processes of its own; everything it talks to is behind a proxy of the test's,
// on loopback. The short version runs with all tests; CHAOS_MINUTES asks for the long one (make chaos). Its table goes
// into docs/reliability.md.
package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := removeProgram(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// A length is how long a run takes.
type length struct {
	minutes float64       // 0: the short version
	pause   time.Duration // the longest between two things that somebody does
	restart time.Duration // of a process that has ended
	clinics int
}

func runLength(t *testing.T) length {
	t.Helper()
	asked := os.Getenv("CHAOS_MINUTES")
	if asked == "" {
		return length{pause: time.Second / 2, restart: 200 * time.Millisecond, clinics: 4}
	}
	minutes, err := strconv.ParseFloat(asked, 64)
	if err != nil || minutes <= 0 || minutes > 120 {
		t.Fatalf("CHAOS_MINUTES=%s: not a number of minutes up to 120", asked)
	}
	return length{minutes: minutes, pause: 2 * time.Second, restart: time.Second, clinics: 4} // RestartSec of the unit
}

// TestChaos breaks one thing after the other, for a bot that polls and for two instances behind a webhook.
func TestChaos(t *testing.T) {
	t.Parallel()
	asked := runLength(t)
	seed := rand.Uint64()
	if given := os.Getenv("CHAOS_SEED"); given != "" {
		var err error
		seed, err = strconv.ParseUint(given, 10, 64)
		must(t, err)
	}
	t.Logf("CHAOS_SEED=%d", seed)
	for _, how := range []intake{polling, webhook} {
		t.Run(how.String(), func(t *testing.T) {
			t.Parallel()
			testChaos(t, how, asked, seed)
		})
	}
}

func testChaos(t *testing.T, how intake, asked length, seed uint64) {
	r := &run{how: how, length: asked, seed: seed, world: newWorld(t, shape{
		webhook: how == webhook, clinics: asked.clinics, seed: seed, restart: asked.restart, disk: asked.minutes > 0,
	})}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(asked.minutes*2*float64(time.Minute))+5*time.Minute)
	defer cancel()
	if err := r.breakAll(ctx); err != nil {
		t.Errorf("the run did not come to its end: %v", err)
	}
	must(t, r.audit(context.WithoutCancel(ctx)))
	r.print()
	for _, c := range r.checks {
		for _, found := range c.found[:min(len(c.found), 10)] {
			t.Errorf("%s: %s", c.what, found)
		}
	}
	if t.Failed() {
		r.tell()
		return
	}
	must(t, r.tamper(context.WithoutCancel(ctx)))
}

// A run is one world and what befell it.
type run struct {
	*world
	length
	how      intake
	seed     uint64
	episodes []episode
	skipped  []string
	checks   []check
}

// An episode is one fault while staff were at work, until all that was offered meanwhile was answered.
type episode struct {
	name  string
	times int
	took  time.Duration
	tally
}

// breakAll breaks one thing after the other, while everybody works.
func (r *run) breakAll(ctx context.Context) error {
	over := make(chan struct{})
	var people sync.WaitGroup
	for _, p := range r.people {
		people.Go(func() { p.works(ctx, over, r.pause) })
	}
	err := r.strikeAll(ctx)
	close(over)
	people.Wait()
	if err != nil {
		return err
	}
	return r.lastMenus(ctx)
}

func (r *run) strikeAll(ctx context.Context) error {
	plan := r.plan()
	for number, f := range plan {
		r.ledger.begin(number)
		began := time.Now()
		times, err := f.strike(r.world, ctx, r.share(f, plan))
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		settled, cancel := context.WithTimeout(ctx, 2*patience)
		err = r.ledger.settled(settled)
		cancel()
		r.episodes = append(r.episodes, episode{name: f.name, times: times, took: time.Since(began)})
		r.t.Logf("%s: %s s", f.name, seconds(time.Since(began)))
		if err != nil {
			r.t.Errorf("after %s: %v", f.name, err)
		}
	}
	return nil
}

// plan is which faults strike, in their order.
func (r *run) plan() []fault {
	var plan []fault
	for _, f := range faults() {
		if f.only != either && f.only != r.how || r.minutes == 0 && f.short != either && f.short != r.how {
			continue
		}
		if f.without != nil {
			if reason := f.without(r.world); reason != "" {
				r.skipped = append(r.skipped, f.name+": "+reason)
				continue
			}
		}
		plan = append(plan, f)
	}
	return plan
}

// share is how long a fault lasts.
func (r *run) share(f fault, plan []fault) time.Duration {
	if r.minutes == 0 {
		return time.Second
	}
	whole, others := time.Duration(r.minutes*float64(time.Minute)), 0
	away := min(outage, whole/20)
	if f.outage {
		return away
	}
	for _, other := range plan {
		if other.outage {
			whole -= away
		} else {
			others++
		}
	}
	// What comes after a fault takes its time, too.
	return max(whole*7/10/time.Duration(others), 3*time.Second)
}

// lastMenus has everybody ask for the menu once more, when all is well again.
func (r *run) lastMenus(ctx context.Context) error {
	r.ledger.begin(len(r.episodes))
	began := time.Now()
	var people sync.WaitGroup
	for _, p := range r.people {
		people.Go(func() { _ = p.readsMenu(ctx) }) // the auditor knows of the answer
	}
	people.Wait()
	r.episodes = append(r.episodes, episode{name: "afterwards, a last /menu", took: time.Since(began)})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return r.sim.Settled(ctx)
}

// audit holds what people were told to what there is.
func (r *run) audit(ctx context.Context) error {
	e, err := r.gather(ctx)
	if err != nil {
		return err
	}
	a := newAudit(e)
	r.checks = a.checks()
	for i, t := range a.tallies(len(faults()) + 1) {
		if i < len(r.episodes) {
			r.episodes[i].tally = t
		}
	}
	return nil
}

// gather collects the evidence.
func (r *run) gather(ctx context.Context) (evidence, error) {
	e := evidence{clinics: map[int64]int64{}, marks: map[int64]string{}}
	e.asks, e.registrations = r.ledger.written()
	for _, p := range r.people {
		e.clinics[p.ID] = p.clinic
		if p.clinic != 0 {
			e.marks[p.clinic] = p.mark
		}
	}
	for _, one := range r.instances {
		e.remarks = append(e.remarks, one.remarked()...)
	}
	var err error
	if e.shown, err = r.recorder.recorded(); err != nil {
		return e, err
	}
	return e, r.rows(ctx, &e)
}
