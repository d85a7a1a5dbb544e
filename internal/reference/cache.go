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

	restUntil atomic.Int64 // when Redis may be asked again, in nanoseconds of the epoch
	owed      atomic.Int64 // changes that have not reached Redis: until they have, no copy is to be trusted
}

// copied is a list as Redis keeps it.
type copied[T any] struct {
	Edition string `json:"edition"`
	List    T      `json:"list"`
}

type onceKey struct{} // context key of a *sync.Map of lists by name

// Once returns a context under which every list is read once and then remembered: for the time of one update, whose
// screens name a species many times.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, &sync.Map{}) }

// cached returns a list: the one remembered where the context allows that (db.Remembering), else the copy in Redis of the present
// edition, else it reads it and leaves a copy.
func cached[T any](ctx context.Context, r *Reference, name string, read func(context.Context) (T, error)) (T, error) {
	once, _ := ctx.Value(onceKey{}).(*sync.Map)
	if once != nil {
		if list, ok := once.Load(name); ok {
			return list.(T), nil
		}
	}
	find := copiedOf[T]
	if r.db.Remembers(ctx) {
		find = recalled[T]
	}
	list, err := find(ctx, r, name, read)
	if err == nil && once != nil {
		once.Store(name, list)
	}
	return list, err
}

// copiedOf returns the copy in Redis of the present edition, or reads the list and leaves a copy.
func copiedOf[T any](ctx context.Context, r *Reference, name string, read func(context.Context) (T, error)) (T, error) {
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

// lookUp asks Redis for the present edition and for the copy of a list, in one round trip.
func lookUp[T any](ctx context.Context, c *cache, key string) (list T, edition string, found, reached bool) {
	if c == nil || c.clock.Now().UnixNano() < c.restUntil.Load() || !c.settle(ctx) {
		return list, "", false, false
	}
	patient, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()

	var asked, held *redis.StringCmd
	_, _ = c.redis.Pipelined(patient, func(pipe redis.Pipeliner) error { // not MGET, which a cluster refuses for two slots
		asked, held = pipe.Get(patient, editionKey), pipe.Get(patient, key)
		return nil
	})
	edition, err := asked.Result()
	switch {
	case err != nil && err != redis.Nil:
		c.rest(ctx)
		return list, "", false, false
	case edition == "":
		return list, "", false, true
	}
	var kept copied[T]
	text, err := held.Bytes()
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Edition != edition {
		return list, edition, false, true
	}
	return kept.List, edition, true, true
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
