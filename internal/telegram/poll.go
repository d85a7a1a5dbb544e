package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-telegram/bot"
)

const (
	// batchMost is how many updates Telegram gives at once, and so how many can be in hand.
	batchMost = 100
	// grace is how long the next poll waits for what is in hand: not for a straggler.
	grace = 250 * time.Millisecond
	// sameOffset is the least time between two polls with the same offset; Telegram cuts
	// what it gives when they come within half a second.
	sameOffset = 600 * time.Millisecond

	// What is down is asked again this often: people wait until it is found to be back.
	pollBackoffFirst = 500 * time.Millisecond
	pollBackoffMost  = 5 * time.Second
)

// Poll fetches updates and has them handled until ctx ends; then it drains and tells Telegram
// what was handled. It returns an error only when polling is in vain: the token is not valid.
// See Client.UsePolling.
//
// Telegram is asked from the first unfinished update on, so that it keeps what a kill would
// lose. It gives at most 100 from there: so many updates can overtake one that takes long.
func (in *Intake) Poll(ctx context.Context) error {
	w := newWindow()
	err := in.poll(ctx, w)
	if drained := in.Drain(context.WithoutCancel(ctx)); drained != nil {
		in.logger.Warn("stopping", "error", drained)
	}
	if err == nil {
		in.confirm(ctx, w)
	}
	return err
}

func (in *Intake) poll(ctx context.Context, w *window) error {
	for troubles := 0; ctx.Err() == nil; {
		asked, started := w.offset(), time.Now()
		w.asked = asked
		batch, err := in.client.getUpdates(ctx, asked, batchMost, in.config.PollTimeout)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			troubles++
			pause, err := in.pollTrouble(err, troubles)
			if err != nil {
				return err
			}
			_ = sleep(ctx, pause)
			continue
		}
		if troubles > 0 {
			in.logger.Info("receiving updates again", "failures", troubles)
			troubles = 0
		}
		for _, raw := range batch {
			in.receive(w, raw)
		}
		w.settle(ctx, asked, started)
	}
	return nil
}

// pollTrouble says how long to wait after the n-th failure in a row, or that waiting is in vain.
func (in *Intake) pollTrouble(err error, n int) (time.Duration, error) {
	outcome := Classify(err)
	switch {
	case outcome == Unauthorized, errors.Is(err, bot.ErrorNotFound):
		return 0, fmt.Errorf("telegram does not know this bot's token: %w", err)
	case outcome == Conflict:
		in.logger.Warn("another process receives this bot's updates, or a webhook is set; waiting for it to stop", "error", err)
	case n == 1:
		in.logger.Warn("no updates for now", "error", err)
	default:
		in.logger.Debug("no updates for now", "error", err, "failures", n)
	}
	return max(RetryAfter(err), backoff(n, pollBackoffFirst, pollBackoffMost)), nil
}

// receive puts an update that is not in hand yet into its chat's line. One that cannot be read
// is skipped: it would never become readable.
func (in *Intake) receive(w *window, raw json.RawMessage) {
	u, err := readUpdate(raw)
	switch {
	case u == nil:
		in.logger.Error("received something that is not an update", "error", err)
	case !w.add(u.ID):
	case err != nil:
		in.logger.Error("update is not readable, skipped", "update", u.ID, "error", err)
		w.finish(u.ID)
	default:
		in.config.Metrics.took(1)
		came := arrive(u)
		in.order.add(came.trail.Chat, func() {
			defer in.config.Metrics.took(-1)
			if in.persist(came) {
				w.finish(u.ID)
			}
		})
	}
}

// persist attempts u until it is finished, true, or nothing is begun any more. Later updates of
// the chat wait meanwhile.
func (in *Intake) persist(u arrival) bool {
	for n := 1; ; n++ {
		v, pause := in.attempt(u)
		if v.final() || v == stopped {
			return v.final()
		}
		if sleep(in.open, max(pause, backoff(n, pollBackoffFirst, pollBackoffMost))) != nil {
			return false
		}
	}
}

// confirm acknowledges what was finished since the last poll; what came meanwhile is left.
func (in *Intake) confirm(ctx context.Context, w *window) {
	offset := w.offset()
	if offset == 0 || offset == w.asked {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := in.client.getUpdates(ctx, offset, 1, 0); err != nil {
		in.logger.Warn("could not acknowledge the last updates, they will come again and be skipped", "error", err)
	}
}

// A window is the updates between the first unfinished and the last received, in the order
// Telegram gave them. Their ids are looked up, never compared: they may jump.
type window struct {
	mu       sync.Mutex
	updates  []int64
	done     map[int64]bool // by update: false while it is in hand
	next     int64          // the offset once all is finished; 0 before the first update
	open     int            // how many are in hand
	finished chan struct{}  // one token when something was finished
	asked    int64          // the offset of the last poll; only the polling goroutine uses it
}

func newWindow() *window {
	return &window{done: make(map[int64]bool), finished: make(chan struct{}, 1)}
}

// add takes an update in hand; false when it is known.
func (w *window) add(update int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.done[update]; known {
		return false
	}
	w.updates = append(w.updates, update)
	w.done[update] = false
	w.next = update + 1
	w.open++
	return true
}

func (w *window) finish(update int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done[update] = true
	w.open--
	select {
	case w.finished <- struct{}{}:
	default:
	}
}

// offset returns the first update Telegram must still keep. What comes before it is forgotten,
// and therefore only between polls: the answer to one under way may still hold it.
func (w *window) offset() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.updates) > 0 && w.done[w.updates[0]] {
		delete(w.done, w.updates[0])
		w.updates = w.updates[1:]
	}
	if len(w.updates) > 0 {
		return w.updates[0]
	}
	return w.next
}

// idle tells whether nothing is in hand; full, whether Telegram, asked again, could give nothing new.
func (w *window) idle() (idle, full bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open == 0, len(w.updates) >= batchMost && !w.done[w.updates[0]]
}

// settle returns when it is time for the next poll, after one from the offset asked: when all
// is finished, or after a grace. A full window leaves Telegram nothing new to give.
func (w *window) settle(ctx context.Context, asked int64, started time.Time) {
	patience := time.NewTimer(grace)
	defer patience.Stop()
	for over := false; ; {
		idle, full := w.idle()
		if idle || over && !full {
			break
		}
		select {
		case <-w.finished:
		case <-patience.C:
			over = true
		case <-ctx.Done():
			return
		}
	}
	if w.offset() == asked {
		_ = sleep(ctx, time.Until(started.Add(sameOffset)))
	}
}
