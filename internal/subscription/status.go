package subscription

import (
	"time"

	"vetalyze/internal/staff"
)

// A Status is what a term is on a day.
type Status string

// The statuses of a term. The first four follow from its dates, the others were decided.
const (
	Upcoming  Status = "upcoming" // has not begun, or waits behind a suspended term
	Active    Status = "active"
	Grace     Status = "grace" // has ended, and everything still works for some days
	Ended     Status = "ended"
	Suspended Status = "suspended"
	Refunded  Status = "refunded"
	Cancelled Status = "cancelled"
)

// Statuses lists all of them.
func Statuses() []Status {
	return []Status{Upcoming, Active, Grace, Ended, Suspended, Refunded, Cancelled}
}

// What is stored of a term's status.
const (
	stateLive      = "live"
	stateSuspended = "suspended"
	stateClosed    = "closed"
)

// Decided is what is stored of a term: nothing in it changes with the day. Dates are midnight UTC; an End is the first
// day after.
type Decided struct {
	State       string    `json:"state"` // live, suspended or closed
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
	FrozenOn    time.Time `json:"frozen_on,omitzero"`    // of a suspended term: from this day on it is not served
	FrozenDays  int       `json:"frozen_days,omitzero"`  // and so many days it still has
	PausedDays  int       `json:"paused_days,omitzero"`  // days between Start and End on which it was suspended
	CloseReason string    `json:"close_reason,omitzero"` // of a closed term: refunded, cancelled
	Version     int       `json:"version"`
}

// StatusOn is the one rule of what a term is on a day, as term_status has it in SQL. heldFrom is the day on which the
// clinic's suspended term froze, zero if it has none: terms behind it wait, whatever their dates.
func StatusOn(term Decided, graceDays int, heldFrom, today time.Time) Status {
	switch {
	case term.State == stateClosed:
		return Status(term.CloseReason)
	case term.State != stateLive:
		return Status(term.State)
	case today.Before(term.Start), !heldFrom.IsZero() && !term.Start.Before(heldFrom):
		return Upcoming
	case today.Before(term.End):
		return Active
	case today.Before(term.End.AddDate(0, 0, graceDays)):
		return Grace
	}
	return Ended
}

// ClinicStatusOn is the one rule of how a clinic stands, from what its terms are on the day. clinic_status has it in SQL.
func ClinicStatusOn(deactivated bool, terms []Status) staff.ClinicStatus {
	if deactivated {
		return staff.ClinicDeactivated
	}
	for _, decides := range []struct {
		term   Status
		clinic staff.ClinicStatus
	}{
		{Active, staff.ClinicActive},
		{Suspended, staff.ClinicSuspended},
		{Grace, staff.ClinicGrace},
		{Upcoming, staff.ClinicScheduled},
	} {
		for _, status := range terms {
			if status == decides.term {
				return decides.clinic
			}
		}
	}
	if len(terms) > 0 {
		return staff.ClinicEnded
	}
	return staff.ClinicInactive
}

// daysBetween counts the days from one date to another: dates are midnight UTC, which has no daylight saving.
func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }
