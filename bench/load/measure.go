package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"vetalyze/internal/crowd"
	"vetalyze/internal/simulator"
)

// An intake is how updates reach the bot.
type intake string

const (
	webhook intake = "webhook"
	polling intake = "polling"
)

// A column is one measurement.
type column struct {
	intake  intake
	what    string
	asked   float64 // updates a second that were planned; 0: as many as could be
	took    time.Duration
	came    []answer
	never   int // updates without an answer
	cost    cost
	memory  memory
	strange int // messages that were not the answer waited for
}

// An answer is what came of an update, and after how long.
type answer struct {
	deed crowd.Deed
	took time.Duration
}

// A street is the simulator with the crowd on it, and the bot.
type street struct {
	settings
	house *house
	crowd *crowd.Crowd
	bot   *bot

	mu      sync.Mutex // guards what follows
	came    []answer
	strange int
	answers chan struct{} // a token for each answer, as far as anybody waits for one
}

// measure has people use the bot: at the rate of the mix, then owners' pages as fast as it can.
func measure(ctx context.Context, s settings, h *house, by intake) (columns []column, err error) {
	if by == polling {
		s.seed++ // other phones are registered, and updates have other ids: Redis remembers those of before
	}
	if err := h.forgetDialogs(ctx); err != nil {
		return nil, fmt.Errorf("forget dialogs: %w", err)
	}
	st := &street{settings: s, house: h, answers: make(chan struct{}, 1<<16)}
	st.crowd = crowd.New(crowd.Config{People: h.people, Seed: s.seed, Hear: st.hear})
	at := &socket{path: filepath.Join(h.dir, string(by)+".sock")}
	sim := simulator.New(simulator.Config{
		Limits: simulator.Limits{Off: true}, Watch: st.crowd.Watch,
		Seed:    s.seed,
		Keep:    100, // nobody looks back, and memory in use is time
		Webhook: simulator.WebhookConfig{AllowLocal: true, Client: &http.Client{Transport: at}},
	})
	defer sim.Close()
	api, stop, err := serve(ctx, sim.Handler())
	if err != nil {
		return nil, err
	}
	defer stop()
	st.crowd.Enter(sim)
	if st.bot, err = h.startBot(ctx, api, by, at); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, st.bot.stop())
		for i, line := range st.bot.complaints() {
			if i < 5 {
				fmt.Fprint(s.log, line)
			}
		}
	}()
	fmt.Fprintf(s.log, "%s: everybody opens their list\n", by)
	if err := st.greet(ctx); err != nil {
		return nil, err
	}
	// Each connection plans each statement once: that is the start of a process, not how it works.
	if err := st.pressing(ctx, s.warm); err != nil {
		return nil, err
	}
	for _, round := range []struct {
		what  string
		asked float64
		mix   crowd.Mix
		drive func(context.Context, time.Duration) error
	}{
		{"the mix", s.rate, crowd.Day, st.arrivals},
		{"owners' pages", 0, crowd.Mix{{Deed: crowd.Owners, Percent: 100}}, st.pressing},
	} {
		fmt.Fprintf(s.log, "%s: %s for %v\n", by, round.what, s.during)
		st.crowd.SetMix(round.mix)
		c, err := st.round(ctx, round.drive)
		if err != nil {
			return nil, err
		}
		c.intake, c.what, c.asked = by, round.what, round.asked
		columns = append(columns, c)
		if s.profile != "" {
			if err := st.bot.profile(ctx, s, round.drive, fmt.Sprintf("%s-%d", by, len(columns))); err != nil {
				return nil, err
			}
		}
	}
	return columns, nil
}

// serve listens on loopback.
func serve(ctx context.Context, handler http.Handler) (address string, stop func(), err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

// hear is given what people are told.
func (st *street) hear(told crowd.Told) {
	st.mu.Lock()
	switch {
	case told.Fits:
		st.came = append(st.came, answer{told.Deed, told.At.Sub(told.Asked)})
	case told.Deed != "":
		if st.strange++; st.strange <= 3 {
			fmt.Fprintf(st.log, "%s %q was answered: %s\n", told.Deed, told.Did, told.Message.Text)
		}
	}
	st.mu.Unlock()
	if told.Fits {
		select {
		case st.answers <- struct{}{}:
		default: // nobody waits
		}
	}
}

// greet has everybody do something once, a few at a time: the bot meets them and sets their menus.
func (st *street) greet(ctx context.Context) error {
	return st.keep(ctx, func(n int) bool { return st.crowd.Greet(n, time.Now()) })
}

// pressing keeps so many updates under way as there are clients.
func (st *street) pressing(ctx context.Context, during time.Duration) error {
	end := time.Now().Add(during)
	return st.keep(ctx, func(int) bool {
		if !time.Now().Before(end) {
			return false
		}
		for {
			if _, ok := st.crowd.Act(time.Now()); ok {
				return true
			}
		}
	})
}

// keep does things until there are none, each when one before has been answered, and waits for the last answers.
func (st *street) keep(ctx context.Context, do func(n int) bool) error {
	for len(st.answers) > 0 {
		<-st.answers
	}
	for n := 0; ; n++ {
		if n >= st.clients {
			select {
			case <-st.answers:
			case <-time.After(patience):
				return errors.New("the bot does not answer")
			case <-ctx.Done():
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !do(n) {
			return nil
		}
	}
}

// arrivals has people act at moments that are planned beforehand, as independent people do (Poisson), whether or not the
// bot keeps up.
func (st *street) arrivals(ctx context.Context, during time.Duration) error {
	rng := rand.New(rand.NewPCG(st.seed, 0xa11))
	due := time.Now()
	for end := due.Add(during); due.Before(end); due = due.Add(time.Duration(rng.ExpFloat64() / st.rate * float64(time.Second))) {
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, ok := st.crowd.Act(due); ok {
				break
			}
			if st.crowd.Waiting() > len(st.house.people)/2 {
				time.Sleep(time.Millisecond) // everybody waits
			}
		}
	}
	return nil
}

// patience is how long the last answers are waited for.
const patience = 10 * time.Second

// answered waits until nobody waits for an answer any more, or for long enough.
func (st *street) answered() {
	for deadline := time.Now().Add(patience); st.crowd.Waiting() > 0 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
}

// round drives the bot and measures what comes of it.
func (st *street) round(ctx context.Context, drive func(context.Context, time.Duration) error) (c column, err error) {
	st.answered()
	st.mu.Lock()
	st.came, st.strange = nil, 0
	st.mu.Unlock()
	before, err := st.take(ctx)
	if err != nil {
		return c, err
	}
	started := time.Now()
	if err := drive(ctx, st.during); err != nil {
		return c, err
	}
	st.answered()
	c.took = time.Since(started)
	after, err := st.take(ctx)
	if err != nil {
		return c, err
	}
	c.never = st.crowd.GiveUp(time.Now())
	st.mu.Lock()
	defer st.mu.Unlock()
	c.came, c.strange = st.came, st.strange
	c.cost, c.memory = after.since(before), after.memory
	return c, nil
}
