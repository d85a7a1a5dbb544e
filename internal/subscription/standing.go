package subscription

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// A Standing is how a clinic stands today, and all its terms.
type Standing struct {
	ClinicID   int64
	ClinicName string
	Status     staff.ClinicStatus
	Today      time.Time // in the clinic's zone
	// Current is the term the standing comes from: the active one, else the suspended, in grace or next one, else the last
	// that ended; nil if there never was one.
	Current   *Term
	Queue     []Term    // upcoming terms other than Current, the next first
	Terms     []Term    // all, the first first
	NextStart time.Time // the day a new term would begin by default
	Edition   int       // for Sale.Seen

	AccountsUsed    int // doctors and receptionists at work, or invited by a link that is open
	AccountsAllowed int // 0: none was sold
}

// Current returns how the member's own clinic stands. Amounts are there for those who may see them.
func (s *Subscriptions) Current(ctx context.Context, by staff.Member) (Standing, error) {
	if !by.May(staff.RightSeeSubscription) {
		return Standing{}, staff.ErrNotAllowed
	}
	standing, err := s.standing(ctx, by.Scope(s.db), by.ClinicID, by.May(staff.RightSeeAmounts))
	return standing, explain("read a clinic's standing", err)
}

// CurrentOf returns how any clinic stands, to an admin.
func (s *Subscriptions) CurrentOf(ctx context.Context, by staff.Speaker, clinicID int64) (Standing, error) {
	scope, err := by.Platform(s.db, staff.RightManageSubscriptions)
	if err != nil {
		return Standing{}, err
	}
	standing, err := s.standing(ctx, scope, clinicID, true)
	return standing, explain("read a clinic's standing", err)
}

func (s *Subscriptions) standing(ctx context.Context, scope db.Scope, clinicID int64, amounts bool) (Standing, error) {
	now := s.clock.Now()
	clinic, err := s.query.StandingOfClinic(ctx, scope, now, clinicID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Standing{}, ErrNotFound
	}
	if err != nil {
		return Standing{}, err
	}
	terms, err := s.terms(ctx, scope, clinicID, clinic.Today)
	if err != nil {
		return Standing{}, err
	}
	places, err := s.query.StaffPlaces(ctx, scope, db.StaffPlacesParams{ClinicID: clinicID, Now: now, Today: clinic.Today})
	if err != nil {
		return Standing{}, err
	}
	if !amounts {
		for i := range terms {
			terms[i] = terms[i].withoutMoney()
		}
	}
	standing := Standing{
		ClinicID: clinicID, ClinicName: clinic.Name, Status: staff.ClinicStatus(clinic.Status), Today: clinic.Today,
		Terms: terms, NextStart: nextStart(terms, clinic.Today), Edition: edition(terms),
		AccountsUsed: int(places.Taken), AccountsAllowed: max(0, int(places.Sold)),
	}
	standing.Current = current(terms)
	for _, term := range terms {
		if term.Status == Upcoming && term.ID != standing.Current.ID {
			standing.Queue = append(standing.Queue, term)
		}
	}
	return standing, nil
}

// current returns the term a clinic's standing comes from.
func current(terms []Term) *Term {
	var found [4]*Term // active, suspended, the latest in grace, the next one
	for i := range terms {
		switch t := &terms[i]; t.Status {
		case Active:
			found[0] = t
		case Suspended:
			found[1] = t
		case Grace:
			found[2] = t
		case Upcoming:
			found[3] = cmp.Or(found[3], t)
		}
	}
	if best := cmp.Or(found[:]...); best != nil {
		return best
	}
	var last *Term
	for i := range terms { // one that was served tells more than one that was closed
		if last == nil || last.State == stateClosed || terms[i].State != stateClosed {
			last = &terms[i]
		}
	}
	return last
}
