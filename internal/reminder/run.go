package reminder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"
)

// When what is done. Planning goes by an interval, and forgetting by an hour that every night has: in Cairo one night a year has
// no 00:xx.
const (
	everyMinute = "@every 1m"
	everyNight  = "30 4 * * *"
)

// keptDays is how long it can be told who was told what.
const keptDays = 400

// Run plans and delivers until ctx ends: at once, every minute, and whenever the clock is moved.
func (r *Reminders) Run(ctx context.Context, post Post) error {
	planning, due := make(chan struct{}, 1), make(chan struct{}, 1)
	jobs := cron.New(cron.WithLocation(r.zone))
	if _, err := jobs.AddFunc(everyMinute, func() { nudge(planning) }); err != nil {
		return fmt.Errorf("run reminders: %w", err)
	}
	if _, err := jobs.AddFunc(everyNight, func() { r.logged(ctx, r.Forget(ctx)) }); err != nil {
		return fmt.Errorf("run reminders: %w", err)
	}
	jobs.Start()
	defer func() { <-jobs.Stop().Done() }()

	var group errgroup.Group
	group.Go(func() error {
		for ctx.Err() == nil {
			moved := r.clock.Moved() // before looking at it
			r.logged(ctx, r.Plan(ctx))
			r.looked.Store(time.Now().UnixNano())
			nudge(due)
			await(ctx, planning, moved)
		}
		return nil
	})
	group.Go(func() error { // by itself: a long delivery holds no planning up
		for ctx.Err() == nil {
			await(ctx, due, nil)
			r.logged(ctx, r.Deliver(ctx, post))
		}
		return nil
	})
	return group.Wait()
}

// nudge leaves word, unless there is some already.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func await(ctx context.Context, word, moved <-chan struct{}) {
	select {
	case <-word:
	case <-moved:
	case <-ctx.Done():
	}
}

// logged tells of what did not work. It is tried again within a minute.
func (r *Reminders) logged(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "reminders wait", "error", err)
	}
}

// Forget deletes what was settled more than 400 days ago.
func (r *Reminders) Forget(ctx context.Context) error {
	_, err := r.query.NotificationsForget(ctx, r.db.Platform(), r.clock.Now().AddDate(0, 0, -keptDays))
	if err != nil {
		return fmt.Errorf("forget old notifications: %w", err)
	}
	return nil
}

// Tolerance is how late a notification may be before that counts as a failure.
const Tolerance = 15 * time.Minute

var (
	// ErrLate says that notifications wait that should have been sent long ago.
	ErrLate = errors.New("reminder: notifications are late")
	// ErrStuck says that planning does not come to an end.
	ErrStuck = errors.New("reminder: planning is stuck")
)

// Lag returns for how long the oldest due notification has waited: since it was due, or since it was planned where that was later.
// What waits for the end of quiet hours is not due.
func (r *Reminders) Lag(ctx context.Context) (time.Duration, error) {
	now := r.clock.Now()
	since, err := r.query.NotificationOldestDue(ctx, r.db.Platform(), now)
	if err != nil {
		return 0, fmt.Errorf("find the oldest notification: %w", err)
	}
	if since.Year() <= 1 {
		return 0, nil
	}
	return max(0, now.Sub(since)), nil
}

// Health returns ErrLate or ErrStuck if nobody gets what is due, wrapped in how late it is. A database that does not answer is
// not for this to tell.
func (r *Reminders) Health(ctx context.Context) error {
	if looked := r.looked.Load(); looked != 0 {
		if ago := time.Since(time.Unix(0, looked)); ago > Tolerance {
			return fmt.Errorf("%w for %v", ErrStuck, ago.Round(time.Second))
		}
	}
	lag, err := r.Lag(ctx)
	if err == nil && lag > Tolerance {
		return fmt.Errorf("%w by %v", ErrLate, lag.Round(time.Second))
	}
	return nil
}
