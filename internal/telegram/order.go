package telegram

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// order does the work of each chat one piece after the other, as it was added, and that of
// different chats at the same time. A chat has a goroutine while it has work.
type order struct {
	mu    sync.Mutex
	lines map[int64][]func() // by chat with a goroutine: what waits behind the work being done
	count int                // pieces added and not yet done
	empty chan struct{}      // closed while count is 0
}

func newOrder() *order {
	empty := make(chan struct{})
	close(empty)
	return &order{lines: make(map[int64][]func()), empty: empty}
}

// add puts work at the end of the chat's line.
func (o *order) add(chat int64, work func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count++; o.count == 1 {
		o.empty = make(chan struct{})
	}
	line, busy := o.lines[chat]
	o.lines[chat] = append(line, work)
	if !busy {
		go o.run(chat)
	}
}

func (o *order) run(chat int64) {
	for {
		work := o.next(chat)
		if work == nil {
			return
		}
		work()
		o.done()
	}
}

// next takes the first of the chat's line; nil, and the line is gone, when there is none.
func (o *order) next(chat int64) func() {
	o.mu.Lock()
	defer o.mu.Unlock()
	line := o.lines[chat]
	if len(line) == 0 {
		delete(o.lines, chat)
		return nil
	}
	o.lines[chat] = line[1:]
	return line[0]
}

func (o *order) done() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count--; o.count == 0 {
		close(o.empty)
	}
}

func (o *order) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.count
}

// finished returns a channel that is closed when all work added so far, and meanwhile, is done.
func (o *order) finished() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.empty
}

// turns bounds how many updates are handled at the same time, and lets other instances
// handle none of the same chat: a chat is leased in Redis while its update is handled. When
// Redis is down the chat's line here is all the order there is.
type turns struct {
	slots      chan struct{}
	remote     *remote
	renewEvery time.Duration
}

func newTurns(concurrency int, remote *remote) *turns {
	return &turns{slots: make(chan struct{}, concurrency), remote: remote, renewEvery: leaseRenew}
}

// A lease runs out by itself when its holder dies, and is renewed well before that.
const (
	leaseLife  = 6 * time.Second
	leaseRenew = 2 * time.Second
	leaseAsk   = 50 * time.Millisecond // about how often somebody else's is looked at
)

// A turn is the right to handle an update of one chat.
type turn struct {
	ctx context.Context // ends with alive, and when the lease went to somebody else
	end func()
}

var errLeaseLost = errors.New("another instance has taken over this chat")

// cut tells whether the turn ended before the handler did.
func (t *turn) cut() bool { return t.ctx.Err() != nil }

// take waits for the chat's turn as long as open lasts; the turn itself lasts no longer than alive.
func (t *turns) take(open, alive context.Context, chat int64) (*turn, error) {
	key, token := t.remote.key("lease", chat), rand.Text()
	if err := t.lease(open, key, token); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(alive)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		t.renew(ctx, cancel, key, token)
	}()
	giveBack := func() {
		cancel(nil)
		<-renewed
		t.release(context.WithoutCancel(alive), key, token)
	}
	select {
	case t.slots <- struct{}{}:
		return &turn{ctx: ctx, end: func() { <-t.slots; giveBack() }}, nil
	case <-open.Done():
		giveBack()
		return nil, open.Err()
	}
}

// lease waits until the lease is ours, or Redis is not there to give one.
func (t *turns) lease(open context.Context, key, token string) error {
	for open.Err() == nil {
		ours := false
		asked := t.remote.ask(open, func(ctx context.Context, client redis.UniversalClient) (err error) {
			ours, err = client.SetNX(ctx, key, token, leaseLife).Result()
			return err
		})
		if ours || !asked && open.Err() == nil {
			return nil
		}
		_ = sleep(open, leaseAsk/2+mathrand.N(leaseAsk))
	}
	return open.Err()
}

// renew keeps the lease until ctx ends. One that Redis lost, or was not there to give, is taken.
func (t *turns) renew(ctx context.Context, cancel context.CancelCauseFunc, key, token string) {
	for sleep(ctx, t.renewEvery) == nil {
		ours := int64(1)
		t.remote.ask(ctx, func(ctx context.Context, client redis.UniversalClient) (err error) {
			ours, err = renewScript.Run(ctx, client, []string{key}, token, leaseLife.Milliseconds()).Int64()
			return err
		})
		if ours == 0 {
			cancel(errLeaseLost)
			return
		}
	}
}

func (t *turns) release(ctx context.Context, key, token string) {
	t.remote.ask(ctx, func(ctx context.Context, client redis.UniversalClient) error {
		return releaseScript.Run(ctx, client, []string{key}, token).Err()
	})
}

var renewScript = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`)

var releaseScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
`)
