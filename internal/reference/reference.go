// Package reference knows what the forms choose from: countries, species, channels, payment methods and plans, with their
// names in English and Arabic. Lists are remembered, or come from Redis where there is one, for an hour or until the next change;
// and from PostgreSQL where there is none or it is down. It decides nothing about who chooses.
package reference

import (
	"context"

	"github.com/redis/go-redis/v9"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

// Reference reads and changes the lists. It is safe for concurrent use.
type Reference struct {
	db    *db.DB
	query *db.Queries
	cache *cache // nil: none
	clock *clock.Clock
	lists *db.Memory[string, any] // by name
}

// New returns the reference of a database. The Redis may be nil.
func New(database *db.DB, copies redis.UniversalClient, clock *clock.Clock) *Reference {
	r := &Reference{db: database, query: db.New(), clock: clock}
	r.lists = db.NewMemory(database, mostLists, func(a db.Announcement, _ string, _ any) bool { return a.About == db.AboutLists })
	if copies != nil {
		r.cache = &cache{redis: copies, clock: clock, patience: cachePatience}
	}
	return r
}

// Countries returns all countries, the Arab ones first.
func (r *Reference) Countries(ctx context.Context) (Countries, error) {
	return cached(ctx, r, "countries", r.countries)
}

// Species returns all species, those most seen first.
func (r *Reference) Species(ctx context.Context) (SpeciesList, error) {
	return cached(ctx, r, "species", r.species)
}

// Channels returns all ways to have heard of a clinic.
func (r *Reference) Channels(ctx context.Context) (Channels, error) {
	return cached(ctx, r, "channels", r.channels)
}

// PaymentMethods returns all ways to pay.
func (r *Reference) PaymentMethods(ctx context.Context) (PaymentMethods, error) {
	return cached(ctx, r, "payment_methods", r.paymentMethods)
}

// Plans returns all plans.
func (r *Reference) Plans(ctx context.Context) (Plans, error) {
	return cached(ctx, r, "plans", r.plans)
}
