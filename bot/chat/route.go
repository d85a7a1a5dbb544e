package chat

import (
	"context"
	"strings"

	"vetalyze/internal/staff"
)

// A Route is one thing the bot can be asked for, by a command ("/staff") or by a
// button whose data is the route's name and an argument ("staff:stop:7").
type Route struct {
	// Name is the command without its slash and the first part of the data.
	Name string
	// Right is what the speaker must be allowed to do; it is checked each time
	// the route is asked for, since data and commands can be forged.
	Right staff.Right
	// Listed routes stand in the command menu of those who have the right, with
	// the text "command.<name>".
	Listed bool
	// Open answers. The argument is what follows the command or the name in the data.
	Open func(ctx context.Context, t *Turn, argument string) error
}

// Data makes the data of a button that asks for a route.
func Data(route string, arguments ...string) string {
	data := append(make([]byte, 0, dataMost), route...)
	for _, argument := range arguments {
		data = append(append(data, ':'), argument...)
	}
	return string(data)
}

// dataMost is how long Telegram lets the data of a button be, in bytes.
const dataMost = 64

// SplitData takes apart what Data made: the route's name and its argument.
func SplitData(data string) (route, argument string) {
	route, argument, _ = strings.Cut(data, ":")
	return route, argument
}
