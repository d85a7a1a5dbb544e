package reminder

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vetalyze/db"
	"vetalyze/internal/telegram"
)

// A Letter is one message to one person: all that is due for them of one kind.
type Letter struct {
	Kind     Kind
	To       int64 // Telegram account
	Language string
	Items    []Item   // of a reminder or alert
	Overview Overview // of a digest, its first page
}

// An Item is one clinic's matter in a letter. Days are the clinic's.
type Item struct {
	ClinicID       int64
	ClinicName     string
	PlanEN, PlanAR string
	End            time.Time // first day without the term; of an alert, first day on which the clinic is over
	GraceUntil     time.Time // of a reminder: first day on which nothing can be written any more
	NextStart      time.Time // of a later term that was sold; zero: there is none
	Today          time.Time
	Closed         string // why the term was closed before its end ("refunded", "cancelled"); empty: it was not
}

// DaysLeft is how many days of the term are left, today counted; 0 or less after its end.
func (i Item) DaysLeft() int { return int(i.End.Sub(i.Today) / (24 * time.Hour)) } // both are midnight UTC

// Post is how letters go out.
type Post struct {
	// Turn waits until a message to somebody may be sent, behind everybody who is chatting, and returns the context to send it
	// with. nil: there is nothing to wait for.
	Turn func(ctx context.Context, to int64) (context.Context, error)
	Send func(ctx context.Context, letter Letter) (messageID int, err error)
}

const (
	// sendTime is how long Telegram, asked again where that does no harm, may take for one.
	sendTime = 45 * time.Second
	// failuresMost is after how many letters in a row without an answer it is left alone until the next minute.
	failuresMost = 3
	// shutdownTime is how long a letter that Telegram is being told may take once the process is to stop.
	shutdownTime = 8 * time.Second
)

// A delivery is one pass over what is due.
type delivery struct {
	*Reminders
	post Post
	// telling is held while Telegram is told and the outcome written down, so that of an instance that is killed one letter at
	// most has been sent without a note of it.
	telling  sync.Mutex
	failures atomic.Int32 // in a row, without an answer
}

// errLater ends a pass: Telegram does not take letters now.
var errLater = errors.New("reminder: telegram takes no letters now")

// Deliver sends what is due, until nothing is left or Telegram takes no more for now.
func (r *Reminders) Deliver(ctx context.Context, post Post) error {
	d := &delivery{Reminders: r, post: post}
	group, ctx := errgroup.WithContext(ctx)
	for range r.senders {
		group.Go(func() error {
			for {
				c, err := d.claim(ctx)
				if err != nil || c == nil {
					return err
				}
				if err := d.handle(ctx, c); err != nil {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil && !errors.Is(err, errLater) {
		return fmt.Errorf("deliver notifications: %w", err)
	}
	return nil
}

// handle brings one claim to an end: sent, put off, or no longer of use.
func (d *delivery) handle(ctx context.Context, c *claim) error {
	switch {
	case c.rows == 0: // all of it was cancelled
		return nil
	case c.unreachable:
		return d.settle(ctx, c, Unreachable, "unreachable")
	case c.letter.Kind == KindDigest && c.letter.Overview.Empty():
		return d.settle(ctx, c, Cancelled, "empty")
	case d.quiet.Covers(d.clock.Now().In(c.zone).Hour()):
		return d.putOff(ctx, c, d.quiet.After(d.clock.Now(), c.zone))
	}
	if d.post.Turn != nil {
		turn, err := d.post.Turn(ctx, c.letter.To)
		if err != nil && ctx.Err() != nil {
			return errors.Join(err, d.putOff(ctx, c, d.clock.Now()))
		}
		if err != nil {
			return d.failed(ctx, c, err)
		}
		ctx = turn
	}
	d.telling.Lock()
	defer d.telling.Unlock()
	messageID, err := d.tell(ctx, c.letter)
	if err != nil {
		return d.failed(ctx, c, err)
	}
	d.failures.Store(0)
	return d.sent(ctx, c, messageID)
}

// tell sends a letter. Once it has begun it is not broken off by a shutdown: its fate would be unknown.
func (d *delivery) tell(ctx context.Context, letter Letter) (int, error) {
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(shutdownTime, cancel) })
	defer stop()
	return d.post.Send(sending, letter)
}

// failed decides what becomes of a letter that was not sent.
func (d *delivery) failed(ctx context.Context, c *claim, err error) error {
	outcome := telegram.Classify(err)
	switch {
	case outcome.Unreachable():
		if err := d.staff.MarkUnreachable(context.WithoutCancel(ctx), c.letter.To); err != nil {
			return err
		}
		return d.settle(ctx, c, Unreachable, outcome.String())
	case outcome == telegram.TooMany:
		return errors.Join(errLater, d.retry(ctx, c, telegram.RetryAfter(err), outcome.String()))
	case db.Unavailable(err), outcome == telegram.Transient, outcome == telegram.Unauthorized, outcome == telegram.Conflict:
		d.log.WarnContext(ctx, "notification not sent, to be tried again",
			"kind", c.letter.Kind, "to", c.letter.To, "attempt", c.attempt, "error", err)
		if d.failures.Add(1) >= failuresMost {
			return errors.Join(errLater, d.retry(ctx, c, backoff(c.attempt), outcome.String()))
		}
		return d.retry(ctx, c, backoff(c.attempt), outcome.String())
	}
	d.log.ErrorContext(ctx, "notification refused", "kind", c.letter.Kind, "to", c.letter.To, "error", err)
	return d.settle(ctx, c, Failed, outcome.String())
}

// backoff is the pause after the n-th attempt: a minute, doubled each time, a quarter of an hour at most.
func backoff(n int) time.Duration {
	return min(time.Minute<<min(max(n-1, 0), 4), 15*time.Minute)
}
