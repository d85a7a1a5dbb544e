package subscription

import (
	"context"
	"time"

	"vetalyze/db"
	"vetalyze/internal/money"
)

// Money is an amount of a currency, in its smallest unit.
type Money struct {
	Minor    int64
	Currency money.Currency
}

// A Term is one paid period of one clinic, as it is on a day.
type Term struct {
	ID, ClinicID   int64
	PlanID         int
	PlanEN, PlanAR string // as it was called when it was sold
	PlanDays       int    // that were sold; Extend adds to them
	GraceDays      int
	Accounts       int // of the plan
	ExtraAccounts  int // on top
	Decided
	Status    Status
	DaysLeft  int // to serve, today among them; of a suspended term those frozen, of an upcoming one all
	CreatedAt time.Time
	CreatedBy int64     // Telegram account of the admin
	ClosedAt  time.Time // zero: not closed

	// Money; a member who may not see amounts gets none of it.
	Price          Money // of the plan when it was sold
	Paid, Refunded Money
	MethodID       int    // how it was paid; 0: nothing was
	Reference      string // of the payment
}

// LastDay is the last day the term serves.
func (t Term) LastDay() time.Time { return t.End.AddDate(0, 0, -1) }

// GraceUntil is the first day on which, without another term, nothing can be written any more.
func (t Term) GraceUntil() time.Time { return t.End.AddDate(0, 0, t.GraceDays) }

// AllAccounts is how many doctors and receptionists the term has places for.
func (t Term) AllAccounts() int { return t.Accounts + t.ExtraAccounts }

// Refundable is what was paid and not given back.
func (t Term) Refundable() Money {
	return Money{Minor: t.Paid.Minor - t.Refunded.Minor, Currency: t.Paid.Currency}
}

// Days is how many days the term serves in all.
func (t Term) Days() int {
	days := daysBetween(t.Start, t.End) - t.PausedDays
	if t.State == stateSuspended {
		days = daysBetween(t.Start, t.FrozenOn) - t.PausedDays + t.FrozenDays
	}
	return days
}

// AddedDays is by how many days the term was extended.
func (t Term) AddedDays() int { return t.Days() - t.PlanDays }

// withoutMoney is the term for those who may not see amounts.
func (t Term) withoutMoney() Term {
	t.Price, t.Paid, t.Refunded, t.MethodID, t.Reference = Money{}, Money{}, Money{}, 0, ""
	return t
}

// terms reads all terms of a clinic, the first first, as they are on the day.
func (s *Subscriptions) terms(ctx context.Context, tx db.DBTX, clinicID int64, today time.Time) ([]Term, error) {
	rows, err := s.query.SubscriptionList(ctx, tx, clinicID)
	if err != nil {
		return nil, err
	}
	terms := make([]Term, len(rows))
	for i, row := range rows {
		terms[i] = term(row)
	}
	stand(terms, today)
	return terms, nil
}

// stand computes what the terms of one clinic are on a day.
func stand(terms []Term, today time.Time) {
	held := heldFrom(terms)
	for i := range terms {
		t := &terms[i]
		t.Status = StatusOn(t.Decided, t.GraceDays, held, today)
		switch t.Status {
		case Active:
			t.DaysLeft = daysBetween(today, t.End)
		case Upcoming:
			t.DaysLeft = t.Days()
		case Suspended:
			t.DaysLeft = t.FrozenDays
		default:
			t.DaysLeft = 0
		}
	}
}

// heldFrom is the day on which the suspended one of a clinic's terms froze; zero if none is.
func heldFrom(terms []Term) time.Time {
	for _, t := range terms {
		if t.State == stateSuspended {
			return t.FrozenOn
		}
	}
	return time.Time{}
}

func term(row db.SubscriptionListRow) Term {
	in := func(minor int64) Money {
		return Money{Minor: minor, Currency: money.Currency{Code: row.Currency, Exponent: int(row.CurrencyExponent)}}
	}
	return Term{
		ID: row.SubscriptionID, ClinicID: row.ClinicID,
		PlanID: int(row.PlanID), PlanEN: row.PlanNameEn, PlanAR: row.PlanNameAr, PlanDays: int(row.DurationDays),
		GraceDays: int(row.GraceDays), Accounts: int(row.Accounts), ExtraAccounts: int(row.ExtraAccounts),
		Decided: Decided{
			State: row.State, Start: row.StartsOn, End: row.EndsOn,
			FrozenOn: value(row.FrozenOn), FrozenDays: int(value(row.FrozenDays)), PausedDays: int(row.PausedDays),
			CloseReason: value(row.CloseReason), Version: int(row.Version),
		},
		CreatedAt: row.CreatedAt, CreatedBy: row.CreatedBy, ClosedAt: value(row.ClosedAt),
		Price: in(row.PriceMinor), Paid: in(row.PaidMinor), Refunded: in(row.RefundedMinor),
		MethodID: int(row.MethodID), Reference: row.Reference,
	}
}

// value returns what a column holds; the zero value for NULL.
func value[T any](column *T) T {
	if column == nil {
		var zero T
		return zero
	}
	return *column
}

// unlessZero returns a column that holds the value; NULL for the zero value.
func unlessZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
