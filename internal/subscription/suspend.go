package subscription

import (
	"context"

	"vetalyze/internal/staff"
)

// Suspend freezes an active term: today is not served any more, and the days left are kept. Terms behind it wait.
func (s *Subscriptions) Suspend(ctx context.Context, by staff.Speaker, on Change) (Term, error) {
	return s.change(ctx, by, "suspend a term", on, func(w *work, term *Term) error {
		if term.Status != Active {
			return &StatusError{Refusal: ErrNotActive, Status: term.Status}
		}
		after := *term
		after.State = stateSuspended
		after.FrozenOn, after.FrozenDays = w.today, daysBetween(w.today, term.End)
		after.End = w.today
		if !after.End.After(after.Start) { // on its first day: a period is never empty
			after.End = after.Start.AddDate(0, 0, 1)
		}
		return w.write(ctx, EventSuspended, term.Decided, after)
	})
}

// Resume has a suspended term go on today with the days it has left. Terms behind it move along by as many days as it was
// suspended.
func (s *Subscriptions) Resume(ctx context.Context, by staff.Speaker, on Change) (Term, error) {
	return s.change(ctx, by, "resume a term", on, func(w *work, term *Term) error {
		if term.Status != Suspended {
			return &StatusError{Refusal: ErrNotSuspended, Status: term.Status}
		}
		if err := w.deferOverlap(ctx); err != nil {
			return err
		}
		paused := max(0, daysBetween(term.FrozenOn, w.today))
		after := *term
		after.State = stateLive
		after.End = term.FrozenOn.AddDate(0, 0, paused+term.FrozenDays)
		after.PausedDays += paused
		if err := w.move(ctx, term.FrozenOn, term.ID, paused); err != nil {
			return err
		}
		after.FrozenOn, after.FrozenDays = zeroDay, 0
		return w.write(ctx, EventResumed, term.Decided, after)
	})
}

// Extend gives an active term more days, for nothing. Terms behind it move along.
func (s *Subscriptions) Extend(ctx context.Context, by staff.Speaker, on Change, days int) (Term, error) {
	if days < 1 || days > MaxExtension {
		return Term{}, ErrDays
	}
	return s.change(ctx, by, "extend a term", on, func(w *work, term *Term) error {
		if term.Status != Active {
			return &StatusError{Refusal: ErrNotActive, Status: term.Status}
		}
		if term.DaysLeft+days > MaxTermDays {
			return ErrDays
		}
		if err := w.deferOverlap(ctx); err != nil {
			return err
		}
		if err := w.move(ctx, term.End, term.ID, days); err != nil {
			return err
		}
		after := *term
		after.End = term.End.AddDate(0, 0, days)
		return w.write(ctx, EventExtended, term.Decided, after)
	})
}
