package staff

import "time"

// A ClinicStatus is how a clinic stands with the platform on a day. It follows from the clinic's terms (package
// subscription) and is never stored.
type ClinicStatus string

// The statuses of a clinic; of those that hold at once, the first.
const (
	ClinicDeactivated ClinicStatus = "deactivated" // by an admin
	ClinicActive      ClinicStatus = "active"      // a term covers today
	ClinicSuspended   ClinicStatus = "suspended"   // a term is frozen; those behind it wait
	ClinicGrace       ClinicStatus = "grace"       // the last term has just ended
	ClinicScheduled   ClinicStatus = "scheduled"   // only future terms
	ClinicEnded       ClinicStatus = "ended"       // had terms
	ClinicInactive    ClinicStatus = "inactive"    // never had one
)

// ClinicStatuses lists all of them.
func ClinicStatuses() []ClinicStatus {
	return []ClinicStatus{
		ClinicDeactivated, ClinicActive, ClinicSuspended, ClinicGrace, ClinicScheduled, ClinicEnded, ClinicInactive,
	}
}

// A Standing is how a member's clinic stands today, in the clinic's zone.
type Standing struct {
	Status ClinicStatus
	// Until is the first day on which that will be over by itself: of ACTIVE the day after the last covered without a gap,
	// of GRACE the day from which nothing can be written, of SCHEDULED the first day of the next term. Zero for any other.
	Until time.Time
}

// accessOf is the one place that says what a clinic's standing opens.
func accessOf(status ClinicStatus) Access {
	switch status {
	case ClinicActive:
		return AccessFull
	case ClinicGrace:
		return AccessGrace
	case ClinicSuspended, ClinicScheduled, ClinicEnded, ClinicInactive:
		return AccessRead
	}
	return AccessNone
}
