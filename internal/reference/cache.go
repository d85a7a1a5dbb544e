package reference

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

const (
	cacheTime = time.Hour
	// cachePatience is how long to wait for Redis before asking PostgreSQL instead.
	cachePatience = 250 * time.Millisecond
	// cacheRest is how long Redis is left alone after it has not answered, so that not everybody waits for it anew.
	cacheRest = 5 * time.Second

	// editionKey names the edition of all lists: a change begins a new one, which makes every copy of the former stale,
	// the copy too that a slow reader puts down after the change.
	editionKey = "vetalyze:reference:edition"
	listKey    = "vetalyze:reference:list:"
)

// A cache keeps copies of the lists in Redis, each with the edition it is of.
type cache struct {
	patience time.Duration // cachePatience, but for tests on a busy machine
	redis    redis.UniversalClient
	clock    *clock.Clock

	seen sync.Map // by key: the copied[T] seen last

	restUntil atomic.Int64 // when Redis may be asked again, in nanoseconds of the epoch
	owed      atomic.Int64 // changes that have not reached Redis: until they have, no copy is to be trusted
}

// copied is a list as Redis keeps it.
type copied[T any] struct {
	Edition string    `json:"edition"`
	Read    time.Time `json:"read"` // from PostgreSQL
	List    T         `json:"list"`
}

type onceKey struct{} // context key of a *sync.Map of lists by name

// Once returns a context under which every list is read once and then remembered: for the time of one update, whose
// screens name a species many times.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, &sync.Map{}) }

// cached returns the list's copy of the present edition, or reads it and leaves a copy.
func cached[T any](ctx context.Context, r *Reference, name string, read func(context.Context) (T, error)) (T, error) {
	once, _ := ctx.Value(onceKey{}).(*sync.Map)
	if once != nil {
		if list, ok := once.Load(name); ok {
			return list.(T), nil
		}
	}
	list, edition, found, reached := lookUp[T](ctx, r.cache, listKey+name)
	if !found {
		var err error
		if list, err = read(ctx); err != nil {
			return list, err
		}
		if reached {
			leave(ctx, r.cache, listKey+name, copied[T]{Edition: edition, Read: r.cache.clock.Now(), List: list})
		}
	}
	if once != nil {
		once.Store(name, list)
	}
	return list, nil
}

// lookUp asks Redis for the present edition, and for a list of which no copy has been seen lately; both in one round trip.
func lookUp[T any](ctx context.Context, c *cache, key string) (list T, edition string, found, reached bool) {
	if c == nil || c.clock.Now().UnixNano() < c.restUntil.Load() || !c.settle(ctx) {
		return list, "", false, false
	}
	patient, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()

	last, _ := c.seen.Load(key)
	kept, _ := last.(copied[T])
	stale := c.clock.Now().Sub(kept.Read) >= cacheTime
	var asked, held *redis.StringCmd
	if stale {
		_, _ = c.redis.Pipelined(patient, func(pipe redis.Pipeliner) error { // not MGET, which a cluster refuses for two slots
			asked, held = pipe.Get(patient, editionKey), pipe.Get(patient, key)
			return nil
		})
	} else {
		asked = c.redis.Get(patient, editionKey)
	}
	edition, err := asked.Result()
	switch {
	case err != nil && err != redis.Nil:
		c.rest(ctx)
		return list, "", false, false
	case edition == "":
		return list, "", false, true
	case !stale && kept.Edition == edition:
		return kept.List, edition, true, true
	case !stale:
		held = c.redis.Get(patient, key)
	}
	var now copied[T]
	text, err := held.Bytes()
	if err != nil || json.Unmarshal(text, &now) != nil || now.Edition != edition {
		return list, edition, false, true
	}
	c.seen.Store(key, now)
	return now.List, edition, true, true
}

// leave puts a copy down; without one the next reader asks PostgreSQL again. Where there is no edition (a new Redis, or one
// that was emptied or has let the key go), the copy begins one, unless somebody else has meanwhile.
func leave[T any](ctx context.Context, c *cache, key string, list copied[T]) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	if list.Edition == "" {
		list.Edition = db.NewKey().String()
		if begun, err := c.redis.SetNX(ctx, editionKey, list.Edition, 0).Result(); err != nil || !begun {
			return
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return
	}
	_ = c.redis.Set(ctx, key, text, cacheTime).Err()
}

// changed drops all copies. A Redis that cannot be reached is told before this process trusts it again; other processes
// may go on with the former copies until then, an hour at most.
func (c *cache) changed(ctx context.Context) {
	if once, ok := ctx.Value(onceKey{}).(*sync.Map); ok {
		once.Clear()
	}
	if c != nil && !c.begin(context.WithoutCancel(ctx)) {
		c.owed.Add(1)
	}
}

// settle tells Redis of changes that it has not heard of, and says whether it knows of all.
func (c *cache) settle(ctx context.Context) bool {
	owed := c.owed.Load()
	if owed == 0 {
		return true
	}
	if !c.begin(ctx) {
		c.rest(ctx)
		return false
	}
	c.owed.CompareAndSwap(owed, 0)
	return true
}

// begin begins a new edition.
func (c *cache) begin(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	return c.redis.Set(ctx, editionKey, db.NewKey().String(), 0).Err() == nil
}

// rest leaves Redis alone for a while, unless it was the caller who ran out of time.
func (c *cache) rest(ctx context.Context) {
	if ctx.Err() == nil {
		c.restUntil.Store(c.clock.Now().Add(cacheRest).UnixNano())
	}
}
