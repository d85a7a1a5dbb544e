// Package reminder says which notification is due to whom: reminders to clinic owners before and after a term ends, alerts to
// admins when a clinic ends, and the overview of what ends, which admins get as their morning's digest. It plans them into an
// outbox, each once, and delivers them from any number of instances. It has no words: those are the bot's.
package reminder

import (
	"cmp"
	"log/slog"
	"sync/atomic"
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/staff"
)

// A Kind is what a notification is.
type Kind string

// The kinds of notifications.
const (
	KindReminder Kind = "reminder" // to a clinic's owner: a term ends, or has ended
	KindEnded    Kind = "ended"    // to an admin: a clinic has ended
	KindDigest   Kind = "digest"   // to an admin: the morning's overview
)

// A State is how far a notification has come.
type State string

// The states of a notification.
const (
	Pending     State = "pending"
	Delivered   State = "sent"
	Cancelled   State = "cancelled"   // no longer of use when its turn came
	Unreachable State = "unreachable" // its receiver has blocked the bot
	Failed      State = "failed"      // Telegram refuses it for good
)

// Config is what notifications are made of.
type Config struct {
	DB         *db.DB
	Clock      *clock.Clock
	Zone       *time.Location // the platform team's
	Steps      []Step         // nil: DefaultSteps
	Quiet      Quiet          // zero: before FirstHour and after LastHour
	DigestHour int            // of admins who have chosen no other; 0: DefaultHour
	// Lease is how long an instance may have a notification in hand before another one takes it for lost; 0: 2 minutes.
	Lease   time.Duration
	Senders int          // letters in hand at the same time; 0: 4
	Metrics *Metrics     // nil: none
	Logger  *slog.Logger // nil: slog.Default()
}

// Reminders plans and delivers notifications. It is safe for concurrent use.
type Reminders struct {
	db         *db.DB
	query      *db.Queries
	clock      *clock.Clock
	zone       *time.Location
	steps      []Step
	quiet      Quiet
	digestHour int
	lease      time.Duration
	senders    int
	metrics    *Metrics
	log        *slog.Logger
	staff      *staff.Staff // whom a person who cannot be reached is told to
	looked     atomic.Int64 // when planning last came to an end, whatever that was; Unix nanoseconds, 0: it does not run
}

// New returns the notifications of a database.
func New(config Config) *Reminders {
	r := &Reminders{
		db: config.DB, query: db.New(), clock: config.Clock, zone: config.Zone,
		steps: config.Steps, quiet: config.Quiet, digestHour: cmp.Or(config.DigestHour, DefaultHour),
		lease: cmp.Or(config.Lease, 2*time.Minute), senders: cmp.Or(config.Senders, 4), metrics: config.Metrics, log: cmp.Or(config.Logger, slog.Default()),
		staff: staff.New(config.DB, config.Clock),
	}
	if r.steps == nil {
		r.steps, _ = ParseSteps(DefaultSteps) // a test holds it to be right
	}
	if r.quiet == (Quiet{}) {
		r.quiet = Quiet{From: LastHour + 1, Until: FirstHour}
	}
	return r
}
