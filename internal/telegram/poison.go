package telegram

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// poison counts how often each update was begun and not finished. Counting before the handling
// also finds the update that kills the process, given a Redis that outlives it.
type poison struct {
	remote *remote

	mu      sync.Mutex
	begun   map[int64]int       // of updates not finished
	trouble map[int64]time.Time // since when Telegram has been in trouble over them
}

// trouble that lasts longer is put down to the update: it holds up its chat.
const troubleMost = 10 * time.Minute

func newPoison(remote *remote) *poison {
	return &poison{remote: remote, begun: make(map[int64]int), trouble: make(map[int64]time.Time)}
}

// begin counts a handling of the update and returns how many were begun, this one included.
func (p *poison) begin(ctx context.Context, update int64) int {
	elsewhere := p.addRemote(ctx, update, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun[update] = max(p.begun[update]+1, elsewhere)
	return p.begun[update]
}

// excuse takes the last begin back: the update was not to blame.
func (p *poison) excuse(ctx context.Context, update int64) {
	p.addRemote(context.WithoutCancel(ctx), update, -1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun[update]--; p.begun[update] <= 0 {
		delete(p.begun, update)
	}
}

// bear tells whether Telegram's trouble over the update may still be about anything else.
func (p *poison) bear(update int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	since, known := p.trouble[update]
	if !known {
		since = time.Now()
		p.trouble[update] = since
	}
	return time.Since(since) < troubleMost
}

// forget drops the count of a finished update.
func (p *poison) forget(ctx context.Context, update int64) {
	p.mu.Lock()
	delete(p.begun, update)
	delete(p.trouble, update)
	p.mu.Unlock()
	p.remote.ask(context.WithoutCancel(ctx), func(ctx context.Context, client redis.UniversalClient) error {
		return client.Del(ctx, p.remote.key("begun", update)).Err()
	})
}

// addRemote returns the count in Redis; 0 without Redis.
func (p *poison) addRemote(ctx context.Context, update int64, n int) int {
	var count *redis.IntCmd
	asked := p.remote.ask(ctx, func(ctx context.Context, client redis.UniversalClient) error {
		_, err := client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			key := p.remote.key("begun", update)
			count = pipe.IncrBy(ctx, key, int64(n))
			pipe.Expire(ctx, key, seenLife)
			return nil
		})
		return err
	})
	if !asked {
		return 0
	}
	return int(count.Val())
}

// outage remembers which chats were told that they must wait.
type outage struct {
	mu   sync.Mutex
	told map[int64]bool
}

func newOutage() *outage { return &outage{told: make(map[int64]bool)} }

// first tells whether the chat has not been told in this outage; it counts as told from now on.
func (o *outage) first(chat int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.told[chat] {
		return false
	}
	o.told[chat] = true
	return true
}

func (o *outage) over(chat int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.told, chat)
}
