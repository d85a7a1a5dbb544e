package chaos

import (
	"context"
	"errors"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"vetalyze/internal/simulator"
)

// A recorder keeps what came to all screens, as it comes.
type recorder struct {
	sim *simulator.Simulator

	mu      sync.Mutex // guards everything below
	shown   []shown
	texts   map[place]string // of the messages as they stand
	last    int64            // the newest event that was looked at
	changed chan struct{}    // closed when there is more
	err     error
}

// A place is a message in somebody's chat.
type place struct {
	person  int64
	message int
}

func newRecorder(sim *simulator.Simulator) *recorder {
	return &recorder{sim: sim, texts: map[place]string{}, changed: make(chan struct{})}
}

var errTooMuch = errors.New("more happened at once than the simulator keeps: the record has a gap")

// run records until ctx ends.
func (r *recorder) run(ctx context.Context) {
	for {
		events, last, whole, changed := r.sim.Events(r.last)
		r.add(events, last, whole)
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (r *recorder) add(events []simulator.Event, last int64, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !whole && last != r.last {
		r.err = errTooMuch
	}
	r.last = last
	if len(events) == 0 {
		return
	}
	for _, event := range events {
		if one, ok := r.read(event); ok {
			r.shown = append(r.shown, one)
		}
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// read takes out of an event what the bot shows in it. That a button waits for its answer is an edit, too, and not
// the bot's.
func (r *recorder) read(event simulator.Event) (shown, bool) {
	one := shown{seq: event.Seq, person: event.Person, at: time.Now()}
	if event.Type == simulator.EventToast && event.Toast.Text != "" {
		one.kind, one.text = toast, plain(event.Toast.Text)
		return one, true
	}
	if event.Type != simulator.EventMessage && event.Type != simulator.EventEdit || !event.Message.FromBot {
		return shown{}, false
	}
	where := place{event.Person, event.MessageID}
	one.text = plain(event.Message.Text)
	before, known := r.texts[where]
	r.texts[where] = one.text
	if known {
		one.kind = edit
	}
	return one, one.text != before
}

// plain is a text without the invisible marks that keep names and phones in their direction.
func plain(text string) string {
	return strings.NewReplacer("\u2068", "", "\u2069", "", "\u200f", "").Replace(text)
}

// await waits until something matches that came to a person's screen after an event; false when ctx ends first.
func (r *recorder) await(ctx context.Context, person, after int64, matches func(text string) bool) bool {
	for {
		r.mu.Lock()
		all, changed := r.shown, r.changed
		r.mu.Unlock()
		from := sort.Search(len(all), func(i int) bool { return all[i].seq > after })
		for _, one := range all[from:] {
			if one.person == person && matches(one.text) {
				return true
			}
			after = one.seq
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// newest is the number of the newest event.
func (r *recorder) newest() int64 {
	_, last, _, _ := r.sim.Events(math.MaxInt64)
	return last
}

// recorded is what came to all screens until now, or says that the record has a gap.
func (r *recorder) recorded() ([]shown, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.shown), r.err
}
