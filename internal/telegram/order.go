package telegram

import (
	"sync"
	"time"
)

// order does the work of each chat one piece after the other, as it was added, and that of
// different chats at the same time. A chat has a goroutine while it has work.
type order struct {
	idle chan int64      // takes a chat while a goroutine waits for one
	quit <-chan struct{} // closed when none waits any more

	mu    sync.Mutex
	lines map[int64][]func() // by chat with a goroutine: what waits behind the work being done
	count int                // pieces added and not yet done
	empty chan struct{}      // closed while count is 0
}

// idleTime is how long a goroutine waits for another chat. A new one would have to grow its stack again, step by step:
// handling an update goes deep.
const idleTime = time.Second

func newOrder(quit <-chan struct{}) *order {
	empty := make(chan struct{})
	close(empty)
	return &order{idle: make(chan int64), quit: quit, lines: make(map[int64][]func()), empty: empty}
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
	if busy {
		return
	}
	select {
	case o.idle <- chat:
	default:
		go o.run(chat)
	}
}

// run does the work of a chat, and then that of others.
func (o *order) run(chat int64) {
	rest := time.NewTimer(idleTime)
	defer rest.Stop()
	for {
		for work := o.next(chat); work != nil; work = o.next(chat) {
			work()
			o.done()
		}
		rest.Reset(idleTime)
		select {
		case chat = <-o.idle:
		case <-rest.C:
			return
		case <-o.quit:
			return
		}
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
