package subscription

import (
	"context"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

var zeroDay time.Time

// Refund gives money back, all that was paid or a part, closes the term and frees its days. Terms behind it stay where
// they are; those that waited for it while it was suspended begin today at the latest.
func (s *Subscriptions) Refund(ctx context.Context, by staff.Speaker, on Change, amountMinor int64) (Term, error) {
	if amountMinor <= 0 || amountMinor > MaxAmount {
		return Term{}, ErrAmount
	}
	return s.change(ctx, by, "refund a term", on, func(w *work, term *Term) error {
		switch term.Status {
		case Upcoming, Active, Grace, Suspended:
		default:
			return &StatusError{Refusal: ErrNotRefundable, Status: term.Status}
		}
		if amountMinor > term.Refundable().Minor {
			return ErrRefundTooMuch
		}
		err := s.query.PaymentInsert(ctx, w.tx, db.PaymentInsertParams{
			ClinicID: term.ClinicID, SubscriptionID: term.ID, Kind: "refund", AmountMinor: amountMinor,
			Currency: term.Paid.Currency.Code, MethodID: int32(term.MethodID), PaidOn: w.today, Reason: &w.why, Now: w.now,
			CreatedBy: by.TelegramID, Key: w.key,
		})
		if err != nil {
			return err
		}
		return w.close(ctx, EventRefunded, term, Refunded)
	})
}

// Cancel closes a term that is active or has not begun, without money, and frees its days.
func (s *Subscriptions) Cancel(ctx context.Context, by staff.Speaker, on Change) (Term, error) {
	return s.change(ctx, by, "cancel a term", on, func(w *work, term *Term) error {
		if term.Status != Upcoming && term.Status != Active {
			return &StatusError{Refusal: ErrNotCancellable, Status: term.Status}
		}
		return w.close(ctx, EventCancelled, term, Cancelled)
	})
}

// close ends a term for good. Its dates stay, to be read; they hold nobody up any more.
func (w *work) close(ctx context.Context, kind EventKind, term *Term, reason Status) error {
	after := *term
	after.State, after.CloseReason = stateClosed, string(reason)
	if term.State == stateSuspended {
		after.PausedDays += daysBetween(term.FrozenOn, term.End) // 1 if it froze on its first day, else 0
		after.FrozenOn, after.FrozenDays = zeroDay, 0
		if err := w.deferOverlap(ctx); err != nil {
			return err
		}
		if err := w.move(ctx, term.FrozenOn, term.ID, w.late(term)); err != nil {
			return err
		}
	}
	return w.write(ctx, kind, term.Decided, after)
}

// late is by how many days the first term that waits behind a suspended one should have begun already.
func (w *work) late(suspended *Term) int {
	late := 0
	for _, term := range w.terms {
		if term.State == stateLive && !term.Start.Before(suspended.FrozenOn) {
			late = max(late, daysBetween(term.Start, w.today))
		}
	}
	return late
}
