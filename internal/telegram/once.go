package telegram

import (
	"sync"
	"time"
)

// once remembers which updates were finished here lately, by their id: ids jump, also downwards, so that the highest one
// seen says nothing. Redis remembers those of all instances (beginScript). Telegram keeps an update for a day at most.
type once struct {
	mu     sync.Mutex
	recent map[int64]bool
	oldest []int64 // ids in recent; a ring, the next to go at at
	at     int
}

const (
	seenLife   = 25 * time.Hour
	recentMost = 10_000
)

func newOnce() *once {
	return &once{recent: make(map[int64]bool), oldest: make([]int64, 0, recentMost)}
}

func (o *once) seen(update int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.recent[update]
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
