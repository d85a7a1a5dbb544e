// Package subscription sells terms to clinics and says what follows from them on a day: the status of each term, the
// standing of the clinic, the days left. Only decisions are stored (a term's days, frozen, closed), each with an entry in
// a ledger that is only added to; whatever depends on the day is computed when it is asked. It sends nothing and knows no
// chat; what it refuses it refuses with the errors below.
package subscription

import (
	"errors"
	"fmt"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/staff"
)

var (
	// ErrNotFound says that there is no such clinic or term.
	ErrNotFound = errors.New("subscription: not found")
	// ErrStale says that somebody else has changed it since the caller looked.
	ErrStale = errors.New("subscription: changed since it was seen")
	// ErrOverlap says that another term of the clinic has some of the days.
	ErrOverlap = errors.New("subscription: overlaps another term")
	// ErrPlanRetired refuses a plan that is not sold, or not any more.
	ErrPlanRetired = errors.New("subscription: plan not sold")
	// ErrMethodRetired refuses a payment method that is not in use, or not any more.
	ErrMethodRetired = errors.New("subscription: payment method not in use")
	// ErrDeactivated refuses a term for a clinic that is deactivated.
	ErrDeactivated = errors.New("subscription: clinic deactivated")
	// ErrOpenSuspension refuses a new term behind a suspended one: when it would begin is not known.
	ErrOpenSuspension = errors.New("subscription: clinic suspended")
	// ErrStartPast refuses a start before today.
	ErrStartPast = errors.New("subscription: start in the past")
	// ErrStartFar refuses a start more than MaxAhead days ahead.
	ErrStartFar = errors.New("subscription: start too far ahead")
	// ErrAmount refuses a negative or absurd amount, and a refund of nothing.
	ErrAmount = errors.New("subscription: unfit amount")
	// ErrRefundTooMuch refuses to give back more than was paid and not yet given back.
	ErrRefundTooMuch = errors.New("subscription: refund above what was paid")
	// ErrReference refuses a reference number that is too long or not plain text.
	ErrReference = errors.New("subscription: unfit reference")
	// ErrAccounts refuses a number of extra accounts below 0 or above MaxAccounts.
	ErrAccounts = errors.New("subscription: unfit number of accounts")
	// ErrDays refuses to extend by less than 1 or more than MaxExtension days, or past what a term may have.
	ErrDays = errors.New("subscription: unfit number of days")
	// ErrComment says that the comment is missing, too long or not text.
	ErrComment = errors.New("subscription: unfit comment")

	// ErrNotActive refuses to suspend or extend a term that is not active; a *StatusError says what it is.
	ErrNotActive = errors.New("subscription: not active")
	// ErrNotSuspended refuses to resume a term that is not suspended.
	ErrNotSuspended = errors.New("subscription: not suspended")
	// ErrNotRefundable refuses to refund a term that has ended or is closed.
	ErrNotRefundable = errors.New("subscription: not refundable")
	// ErrNotCancellable refuses to cancel a term that is neither upcoming nor active.
	ErrNotCancellable = errors.New("subscription: not cancellable")

	// ErrHasTerm refuses to deactivate a clinic with an active, suspended or future term.
	ErrHasTerm = errors.New("subscription: clinic has an open term")
	// ErrHadTerm refuses to delete a clinic that ever had a term.
	ErrHadTerm = errors.New("subscription: clinic had a term")
	// ErrHasOwners refuses to delete a clinic with registered owners.
	ErrHasOwners = errors.New("subscription: clinic has owners")
)

// Bounds of what can be asked for. Those of the plan and the number of days are the schema's, too.
const (
	MaxAmount    = 1_000_000_000_000 // in minor units
	MaxAhead     = 3660              // days from today to a start
	MaxTermDays  = 3660              // days a term may still have
	MaxExtension = 90                // days at a time
	MaxAccounts  = 10_000
	MaxComment   = 1000 // characters
	MaxReference = 100  // characters
)

// A StatusError is one of the refusals above because of what the term is.
type StatusError struct {
	Refusal error
	Status  Status
}

func (e *StatusError) Error() string { return fmt.Sprintf("%v: it is %s", e.Refusal, e.Status) }

func (e *StatusError) Unwrap() error { return e.Refusal }

// Subscriptions keeps the terms of clinics. It is safe for concurrent use.
type Subscriptions struct {
	db    *db.DB
	query *db.Queries
	clock *clock.Clock

	counts *db.Memory[struct{}, map[staff.ClinicStatus]int] // of all clinics
}

// New returns the subscriptions of a database.
func New(database *db.DB, clock *clock.Clock) *Subscriptions {
	return &Subscriptions{
		db: database, query: db.New(), clock: clock,
		counts: db.NewMemory(database, 1, func(a db.Announcement, _ struct{}, _ map[staff.ClinicStatus]int) bool {
			return a.About == db.AboutClinic
		}),
	}
}

// refused names what a constraint of the schema has refused.
var refused = map[string]error{
	"subscriptions_no_overlap":  ErrOverlap,
	"payments_refund_covered":   ErrRefundTooMuch,
	"payments_reference":        ErrReference,
	"owners_clinic_fkey":        ErrHasOwners,
	"subscriptions_clinic_fkey": ErrHadTerm,
}

// explain turns the refusal of a constraint into the error it stands for, and says what was being done.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if meaning, ok := refused[db.Broken(err)]; ok {
		return meaning
	}
	return fmt.Errorf("%s: %w", doing, err)
}
