package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A Subject is what an announcement is about.
type Subject string

// What the triggers of migrations/ announce. The zero Subject is everything: announcements may have been missed.
const (
	AboutPerson Subject = "person" // an account, what it works at and whether it is an admin; by its Telegram id
	AboutClinic Subject = "clinic" // by its id; its terms too
	AboutLists  Subject = "lists"  // of reference
)

// An Announcement says that something has changed, and that the change is there to be seen.
type Announcement struct {
	About Subject
	ID    int64 // 0: of all
}

// readAnnouncement reads what a trigger has announced. What this version does not understand is about everything.
func readAnnouncement(payload string) Announcement {
	about, id, _ := strings.Cut(payload, " ")
	switch a := (Announcement{About: Subject(about)}); a.About {
	case AboutPerson, AboutClinic:
		var err error
		if a.ID, err = strconv.ParseInt(id, 10, 64); err != nil {
			return Announcement{}
		}
		return a
	case AboutLists:
		return a
	}
	return Announcement{}
}

const (
	// channel is where the triggers announce, pulses where it is found out whether they are heard: PostgreSQL delivers the
	// notifications of all channels in the order in which they were committed.
	channel, pulses = "vetalyze", "vetalyze_pulse"

	pulseEvery = time.Second     // while anybody wants to know
	pulseTime  = 2 * time.Second // for one to come back
	hearing    = 3 * time.Second // since the last pulse, in which what is remembered counts
	hearRest   = time.Second     // before a connection that has broken off is made anew
)

// An ear hears announcements, each perhaps several times.
type ear struct {
	heard  atomic.Uint64 // announcements
	until  atomic.Int64  // what is remembered counts until then, in nanoseconds since start
	wanted atomic.Bool   // somebody has asked whether it counts

	mu        sync.Mutex
	listeners []func(Announcement)
}

// start is what instants are measured from: by a clock that nobody sets.
var start = time.Now()

// live says whether everything that was committed until a moment ago has been heard.
func (e *ear) live() bool {
	e.wanted.Store(true)
	return e.fresh()
}

// fresh is live for those who do not mind the answer.
func (e *ear) fresh() bool { return int64(time.Since(start)) < e.until.Load() }

// hear tells everybody of an announcement. It is counted first: who reads meanwhile must not remember what was read.
func (e *ear) hear(a Announcement) {
	e.heard.Add(1)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, listener := range e.listeners {
		listener(a)
	}
}

func (e *ear) listen(listener func(Announcement)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listeners = append(e.listeners, listener)
}

// notified is the ear of every connection to the primary. All of them listen, as the one that commits a change hears of it
// before the commit returns: who changes something here finds it changed.
func (e *ear) notified(_ *pgconn.PgConn, n *pgconn.Notification) {
	if n.Channel == channel {
		e.hear(readAnnouncement(n.Payload))
	}
}

// Hear listens to what other processes change, on a connection of its own, until ctx ends; as long as it does, memories
// answer. tell, which must be quick, is told why it has broken off, and nil when it has begun.
func (d *DB) Hear(ctx context.Context, tell func(err error)) {
	for {
		err := d.hear(ctx, tell)
		d.ear.until.Store(0)
		if ctx.Err() != nil {
			return
		}
		tell(err)
		select {
		case <-time.After(hearRest):
		case <-ctx.Done():
			return
		}
	}
}

// hear listens until the connection breaks.
func (d *DB) hear(ctx context.Context, tell func(error)) error {
	config := d.platform.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] = "vetalyze_hear"
	config.Tracer = nil // a pulse is nobody's question
	pulse := ""         // the last that has come back
	config.OnNotification = func(conn *pgconn.PgConn, n *pgconn.Notification) {
		if n.Channel == pulses {
			pulse = n.Payload
		}
		d.ear.notified(conn, n)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("hear: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+channel+"; LISTEN "+pulses); err != nil {
		return fmt.Errorf("hear: %w", err)
	}
	d.ear.hear(Announcement{}) // nobody knows what was missed
	d.ear.wanted.Store(true)
	tell(nil)

	var last time.Time
	for beat := NewKey().String(); ; {
		if time.Since(last) >= pulseEvery && d.ear.wanted.Swap(false) {
			last = time.Now()
			if err := sendPulse(ctx, conn, beat); err != nil {
				return fmt.Errorf("hear: pulse: %w", err)
			}
			if pulse == beat {
				d.ear.until.Store(int64(last.Add(hearing).Sub(start)))
				pulse = ""
			}
		}
		if err := await(ctx, conn); err != nil {
			return fmt.Errorf("hear: %w", err)
		}
	}
}

// sendPulse announces something to the connection itself: when it comes back, all that was committed before has come too.
// Behind a pooler that lends connections for a transaction at a time it does not come back.
func sendPulse(ctx context.Context, conn *pgx.Conn, beat string) error {
	ctx, cancel := context.WithTimeout(ctx, pulseTime)
	defer cancel()
	_, err := conn.Exec(ctx, "SELECT pg_notify($1, $2)", pulses, beat)
	return err
}

// await waits for the next notification, and no longer than until the next pulse.
func await(ctx context.Context, conn *pgx.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, pulseEvery)
	defer cancel()
	err := conn.PgConn().WaitForNotification(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return nil
	}
	return err
}
