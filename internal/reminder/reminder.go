// Package reminder says which notification is due to whom: reminders to clinic owners before and after a term ends, alerts to
// admins when a clinic ends, and the overview of what ends, which admins get as their morning's digest. It has no words:
// those are the bot's.
package reminder

import (
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

// Reminders keeps what people are reminded of. It is safe for concurrent use.
type Reminders struct {
	db    *db.DB
	query *db.Queries
	clock *clock.Clock
	zone  *time.Location // the platform's
}

// New returns the notifications of a database, for a platform team in a zone.
func New(database *db.DB, clock *clock.Clock, zone *time.Location) *Reminders {
	return &Reminders{db: database, query: db.New(), clock: clock, zone: zone}
}
