package subscription

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// A Sale is what an admin sells to a clinic.
type Sale struct {
	Key      db.Key // of the dialog: confirmed twice, sold once
	ClinicID int64
	// Seen is the Standing.Edition of the clinic the admin looked at; 0: whatever it is now.
	Seen          int
	PlanID        int
	Start         time.Time // zero: Standing.NextStart, today or right after what the clinic has
	MethodID      int       // may be 0 when nothing is paid
	AmountMinor   *int64    // paid; nil: the plan's price
	Reference     string    // of the payment; may be empty
	ExtraAccounts int
	Comment       string // may be empty
}

// Create sells a term. Its days are the plan's, from Start on; what the plan is called, costs and gives is kept with it.
func (s *Subscriptions) Create(ctx context.Context, by staff.Speaker, sale Sale) (Term, error) {
	scope, err := by.Platform(s.db, staff.RightManageSubscriptions)
	if err != nil {
		return Term{}, err
	}
	if sale, err = sale.checked(); err != nil {
		return Term{}, err
	}
	var sold Term
	err = scope.InTx(ctx, func(tx db.Tx) error {
		w, clinic, err := s.open(ctx, tx, by, sale.ClinicID, sale.Key, sale.Comment)
		if err != nil {
			return err
		}
		if done, err := w.made(ctx, sale.ClinicID); err != nil || done != nil {
			sold = value(done)
			return err
		}
		if err := w.mayBegin(sale, clinic.DeactivatedAt != nil); err != nil {
			return err
		}
		id, err := w.sell(ctx, sale)
		if err != nil {
			return err
		}
		if w.terms, err = s.terms(ctx, tx, sale.ClinicID, w.today); err != nil {
			return err
		}
		sold = *w.find(id)
		return w.record(ctx, EventCreated, nil, sold)
	})
	return sold, explain("sell a term", err)
}

// checked returns the sale with its texts tidied, or what is wrong with it whatever the clinic.
func (sale Sale) checked() (Sale, error) {
	var err error
	sale.Reference = strings.TrimSpace(sale.Reference)
	sale.Comment = strings.TrimSpace(sale.Comment)
	if sale.Comment != "" {
		if sale.Comment, err = comment(sale.Comment); err != nil {
			return sale, err
		}
	}
	if sale.AmountMinor != nil && (*sale.AmountMinor < 0 || *sale.AmountMinor > MaxAmount) {
		return sale, ErrAmount
	}
	if sale.ExtraAccounts < 0 || sale.ExtraAccounts > MaxAccounts {
		return sale, ErrAccounts
	}
	unfit := !utf8.ValidString(sale.Reference) || utf8.RuneCountInString(sale.Reference) > MaxReference
	if unfit || strings.ContainsFunc(sale.Reference, unicode.IsControl) {
		return sale, ErrReference
	}
	return sale, nil
}

// mayBegin says whether the clinic can be sold a term now, from the day asked for.
func (w *work) mayBegin(sale Sale, deactivated bool) error {
	switch {
	case deactivated:
		return ErrDeactivated
	case sale.Seen != 0 && sale.Seen != edition(w.terms):
		return ErrStale
	case !heldFrom(w.terms).IsZero():
		return ErrOpenSuspension
	case sale.Start.IsZero():
		return nil
	case daysBetween(w.today, sale.Start) > MaxAhead:
		return ErrStartFar
	case sale.Start.Before(w.today) && !w.endsGrace(sale.Start):
		return ErrStartPast
	}
	return nil
}

// endsGrace says whether the day is right after a term in grace: a clinic that renews late may have the days between
// counted, and its term begin where the last one ended.
func (w *work) endsGrace(day time.Time) bool {
	for _, term := range w.terms {
		if term.Status == Grace && term.End.Equal(day) {
			return true
		}
	}
	return false
}

// sell writes the term and its payment.
func (w *work) sell(ctx context.Context, sale Sale) (termID int64, err error) {
	plan, err := w.s.query.SubscriptionPlan(ctx, w.tx, int32(sale.PlanID))
	if errors.Is(err, pgx.ErrNoRows) || err == nil && plan.RetiredAt != nil {
		return 0, ErrPlanRetired
	}
	if err != nil {
		return 0, err
	}
	amount := plan.PriceMinor
	if sale.AmountMinor != nil {
		amount = *sale.AmountMinor
	}
	start := sale.Start
	if start.IsZero() {
		start = nextStart(w.terms, w.today)
	}
	termID, err = w.s.query.SubscriptionInsert(ctx, w.tx, db.SubscriptionInsertParams{
		ClinicID: sale.ClinicID, StartsOn: start, EndsOn: start.AddDate(0, 0, int(plan.DurationDays)),
		PlanID: plan.PlanID, PlanNameEn: plan.NameEn, PlanNameAr: plan.NameAr, DurationDays: plan.DurationDays,
		Accounts: plan.Accounts, ExtraAccounts: int32(sale.ExtraAccounts), PriceMinor: plan.PriceMinor,
		Currency: plan.Currency, GraceDays: plan.GraceDays, Now: w.now, CreatedBy: w.by.TelegramID,
	})
	if err != nil || amount == 0 {
		return termID, err
	}
	inUse, err := w.s.query.SubscriptionMethod(ctx, w.tx, int32(sale.MethodID))
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !inUse {
		return 0, ErrMethodRetired
	}
	if err != nil {
		return 0, err
	}
	return termID, w.s.query.PaymentInsert(ctx, w.tx, db.PaymentInsertParams{
		ClinicID: sale.ClinicID, SubscriptionID: termID, Kind: "payment", AmountMinor: amount, Currency: plan.Currency,
		MethodID: int32(sale.MethodID), Reference: unlessZero(sale.Reference), PaidOn: w.today, Now: w.now,
		CreatedBy: w.by.TelegramID, Key: w.key,
	})
}

// nextStart is the day a new term begins by default: right after all that the clinic has, or today.
func nextStart(terms []Term, today time.Time) time.Time {
	start := today
	for _, term := range terms {
		if (term.Status == Active || term.Status == Upcoming) && term.End.After(start) {
			start = term.End
		}
	}
	return start
}

// edition counts the changes of a clinic's terms, from 1 on.
func edition(terms []Term) int {
	sum := 1
	for _, term := range terms {
		sum += term.Version
	}
	return sum
}
