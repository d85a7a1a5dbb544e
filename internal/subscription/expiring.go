package subscription

import (
	"context"
	"fmt"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// An OpenTerm is an active or upcoming term on the list by end.
type OpenTerm struct {
	ClinicID, TermID int64
	ClinicName       string
	PlanEN, PlanAR   string
	Start, End       time.Time
	Status           Status // Active or Upcoming
	DaysToEnd        int    // from today in the clinic's zone
}

// ByEnd returns the active and upcoming terms of all clinics, the first to end first: a page of so many after the last of
// the page before, whose zero value is the beginning.
func (s *Subscriptions) ByEnd(ctx context.Context, by staff.Speaker, after OpenTerm, size int) ([]OpenTerm, error) {
	scope, err := by.Platform(s.db, staff.RightManageSubscriptions)
	if err != nil {
		return nil, err
	}
	rows, err := s.query.SubscriptionsByEnd(ctx, scope.Listing(), db.SubscriptionsByEndParams{
		Now: s.clock.Now(), AfterEnd: after.End, AfterClinic: after.ClinicID, AfterTerm: after.TermID, PageSize: int32(size),
	})
	if err != nil {
		return nil, fmt.Errorf("list terms by end: %w", err)
	}
	terms := make([]OpenTerm, len(rows))
	for i, row := range rows {
		terms[i] = OpenTerm{
			ClinicID: row.ClinicID, TermID: row.SubscriptionID, ClinicName: row.ClinicName,
			PlanEN: row.PlanNameEn, PlanAR: row.PlanNameAr, Start: row.StartsOn, End: row.EndsOn,
			Status: Status(row.Status), DaysToEnd: daysBetween(row.Today, row.EndsOn),
		}
	}
	return terms, nil
}
