package telegram

import (
	"sync"
	"time"
)

// poison counts how suspect each update is that was begun here and not finished; Redis counts for all instances
// (beginScript). Counting before the handling also finds the update that kills the process, given a Redis that outlives it.
type poison struct {
	mu      sync.Mutex
	suspect map[int64]int       // by update
	trouble map[int64]time.Time // since when Telegram has been in trouble over them
}

// trouble that lasts longer is put down to the update: it holds up its chat.
const troubleMost = 10 * time.Minute

func newPoison() *poison {
	return &poison{suspect: make(map[int64]int), trouble: make(map[int64]time.Time)}
}

// begin counts a handling of the update and returns how suspect that makes it; elsewhere is what Redis says.
func (p *poison) begin(update int64, elsewhere int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.suspect[update] = max(p.suspect[update]+1, elsewhere)
	return p.suspect[update]
}

// excuse takes the last begin back: the update was not to blame.
func (p *poison) excuse(update int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.suspect[update]--; p.suspect[update] <= 0 {
		delete(p.suspect, update)
	}
}

// fail counts what a failure weighs more than a begin.
func (p *poison) fail(update int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.suspect[update] += failureWeighs - 1
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
func (p *poison) forget(update int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.suspect, update)
	delete(p.trouble, update)
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
