// Package clock says what time it is. Every rule asks a Clock, so that tests can
// stand still and the demo can move on a day; it knows no business rule.
package clock

import (
	"sync"
	"time"
)

// A Clock tells the time: the system's, a frozen moment, or a moment that runs on.
// It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	frozen bool
	moment time.Time     // the time shown, while frozen
	ahead  time.Duration // how far a running clock is ahead of the system's
	moved  chan struct{} // closed when it is next moved; nil: nobody waits
}

// System returns a clock that shows the system's time.
func System() *Clock { return &Clock{} }

// At returns a clock that stands at t until it is moved.
func At(t time.Time) *Clock { return &Clock{frozen: true, moment: t} }

// From returns a clock that shows t now and runs on from there.
func From(t time.Time) *Clock { return &Clock{ahead: time.Until(t)} }

// Now returns the time the clock shows, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		return c.moment.UTC()
	}
	return time.Now().Add(c.ahead).UTC()
}

// Advance moves the clock by d; a negative d sets it back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moment = c.moment.Add(d)
	c.ahead += d
	c.tell()
}

// Set makes the clock show t; a running clock runs on from there.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moment = t
	c.ahead = time.Until(t)
	c.tell()
}

// Moved returns a channel that is closed when the clock is next moved: what waits for a time must look again.
func (c *Clock) Moved() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moved == nil {
		c.moved = make(chan struct{})
	}
	return c.moved
}

// tell tells those who wait. mu is held.
func (c *Clock) tell() {
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
}

// Today returns the civil date in zone: the moment's year, month and day there,
// written as midnight UTC so that dates compare and count without daylight saving.
func (c *Clock) Today(zone *time.Location) time.Time {
	year, month, day := c.Now().In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// dayGrain is what days begin on, in every zone: the offsets from UTC are multiples of it.
const dayGrain = 15 * time.Minute

// Undivided returns the end of a time from now on, of so long at most, within which no day begins in any zone.
func Undivided(now time.Time, longest time.Duration) time.Time {
	end, next := now.Add(longest), now.Truncate(dayGrain).Add(dayGrain)
	if next.Before(end) {
		return next
	}
	return end
}
