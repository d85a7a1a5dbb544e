package telegram

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// once remembers which updates were handled, by their id: ids jump, also downwards, so that
// the highest one seen says nothing. Telegram keeps an update for a day at most.
type once struct {
	remote *remote

	mu     sync.Mutex
	recent map[int64]bool
	oldest []int64 // ids in recent; a ring, the next to go at at
	at     int
}

const (
	seenLife   = 25 * time.Hour
	recentMost = 10_000
)

func newOnce(remote *remote) *once {
	return &once{remote: remote, recent: make(map[int64]bool), oldest: make([]int64, 0, recentMost)}
}

func (o *once) seen(ctx context.Context, update int64) bool {
	o.mu.Lock()
	seen := o.recent[update]
	o.mu.Unlock()
	if seen {
		return true
	}
	var found int64
	o.remote.ask(ctx, func(ctx context.Context, client redis.UniversalClient) (err error) {
		found, err = client.Exists(ctx, o.remote.key("seen", update)).Result()
		return err
	})
	return found > 0
}

// mark remembers an update that is finished, also when everything else is ending.
func (o *once) mark(ctx context.Context, update int64) {
	o.remember(update)
	o.remote.ask(context.WithoutCancel(ctx), func(ctx context.Context, client redis.UniversalClient) error {
		return client.Set(ctx, o.remote.key("seen", update), 1, seenLife).Err()
	})
}

func (o *once) remember(update int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.recent[update] {
		return
	}
	o.recent[update] = true
	if len(o.oldest) < recentMost {
		o.oldest = append(o.oldest, update)
		return
	}
	delete(o.recent, o.oldest[o.at])
	o.oldest[o.at] = update
	o.at = (o.at + 1) % recentMost
}
