// Package reference knows what the forms choose from: countries, species, channels, payment methods and plans, with their
// names in English and Arabic. Lists come from Redis where there is one, for an hour or until the next change, and from
// PostgreSQL where there is none or it is down. It decides nothing about who chooses.
package reference

import (
	"context"
	"encoding/json"
	"time"

	"github.com/redis/go-redis/v9"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

const (
	cacheTime = time.Hour
	// cachePatience is how long to wait for Redis before asking PostgreSQL instead.
	cachePatience = 250 * time.Millisecond

	// editionKey names the edition of all lists: a change begins a new one, which makes every copy of the former stale,
	// the copy too that a slow reader puts down after the change.
	editionKey = "vetalyze:reference:edition"
	listKey    = "vetalyze:reference:list:"
)

// Reference reads and changes the lists. It is safe for concurrent use.
type Reference struct {
	db    *db.DB
	query *db.Queries
	cache redis.UniversalClient // nil: none
	clock *clock.Clock
}

// New returns the reference of a database. The cache may be nil.
func New(database *db.DB, cache redis.UniversalClient, clock *clock.Clock) *Reference {
	return &Reference{db: database, query: db.New(), cache: cache, clock: clock}
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

// copied is a list as Redis keeps it.
type copied[T any] struct {
	Edition string `json:"edition"`
	List    T      `json:"list"`
}

// cached returns the list's copy of the present edition, or reads it and leaves a copy.
func cached[T any](ctx context.Context, r *Reference, name string, read func(context.Context) (T, error)) (T, error) {
	if r.cache == nil {
		return read(ctx)
	}
	list, edition, found, reached := lookUp[T](ctx, r.cache, listKey+name)
	if found {
		return list, nil
	}
	list, err := read(ctx)
	if err == nil && reached {
		leave(ctx, r.cache, listKey+name, copied[T]{Edition: edition, List: list})
	}
	return list, err
}

// lookUp asks Redis for a list and for the present edition in one round trip.
func lookUp[T any](ctx context.Context, cache redis.UniversalClient, key string) (list T, edition string, found, reached bool) {
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()

	var asked, kept *redis.StringCmd
	_, _ = cache.Pipelined(ctx, func(pipe redis.Pipeliner) error { // not MGET, which a cluster refuses for two slots
		asked, kept = pipe.Get(ctx, editionKey), pipe.Get(ctx, key)
		return nil
	})
	edition, err := asked.Result()
	if err != nil && err != redis.Nil {
		return list, "", false, false
	}
	text, err := kept.Bytes()
	if err != nil {
		return list, edition, false, true
	}
	var c copied[T]
	if json.Unmarshal(text, &c) != nil || c.Edition != edition {
		return list, edition, false, true
	}
	return c.List, edition, true, true
}

// leave puts a copy down; without one the next reader asks PostgreSQL again.
func leave[T any](ctx context.Context, cache redis.UniversalClient, key string, c copied[T]) {
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	text, err := json.Marshal(c)
	if err != nil {
		return
	}
	_ = cache.Set(ctx, key, text, cacheTime).Err()
}

// changed begins a new edition. A Redis that is down keeps the former until it forgets, at most an hour.
func (r *Reference) changed(ctx context.Context) {
	if r.cache == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cachePatience)
	defer cancel()
	_ = r.cache.Set(ctx, editionKey, db.NewKey().String(), 0).Err()
}
