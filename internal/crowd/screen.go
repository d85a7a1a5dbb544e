package crowd

import (
	"slices"
	"strings"

	"vetalyze/internal/simulator"
)

// What buttons carry, by the beginning of their data.
var (
	cardButtons   = []string{"hit:", "listed:", "owner:", "pet:"}
	hitButtons    = []string{"hit:", "owner:", "pet:", "find:", "register"}
	ownersButtons = []string{"listed:", "register"}
	openButtons   = []string{"pet:", "owner:", "change:", "addpet:"}
	clinicButtons = []string{"clinics:card:", "clinics:filter"}
)

// A place is a button that can be tapped.
type place struct {
	message int
	data    string
}

// carries tells whether a message has a button whose data begins with one of the words.
func carries(m *simulator.Message, beginnings []string) bool {
	_, found := button(m, func(data string) bool { return begins(data, beginnings) })
	return found
}

func begins(data string, beginnings []string) bool {
	return slices.ContainsFunc(beginnings, func(word string) bool { return strings.HasPrefix(data, word) })
}

// button returns the first button for whose data match holds.
func button(m *simulator.Message, match func(data string) bool) (place, bool) {
	for _, row := range m.InlineKeyboard {
		for _, b := range row {
			if match(b.Data) {
				return place{m.ID, b.Data}, true
			}
		}
	}
	return place{}, false
}

// saveButton is the one that saves a form.
func saveButton(m *simulator.Message) (place, bool) {
	return button(m, func(data string) bool {
		return strings.HasPrefix(data, "form:") && strings.Contains(data, ":save:")
	})
}

// asks tells whether a message is a form's: a question or a summary.
func asks(m *simulator.Message) bool { return carries(m, []string{"form:"}) }

// look takes in what is on the screen now, as far as it can be tapped on.
func (m *member) look(seen *simulator.Message) {
	m.lose(seen.ID)
	for _, row := range seen.InlineKeyboard {
		for _, b := range row {
			if begins(b.Data, cardButtons) {
				m.cards = append(m.cards, place{seen.ID, b.Data})
			}
		}
	}
	if extra := len(m.cards) - cardsMost; extra > 0 {
		m.cards = slices.Delete(m.cards, 0, extra)
	}
	m.further, _ = button(seen, func(data string) bool {
		return strings.HasPrefix(data, "owners:o") || strings.HasPrefix(data, "clinics:list:")
	})
	if save, ok := saveButton(seen); ok {
		m.save = save
	}
}

// lose forgets the buttons of a message.
func (m *member) lose(message int) {
	m.cards = slices.DeleteFunc(m.cards, func(p place) bool { return p.message == message })
	for _, p := range []*place{&m.further, &m.save} {
		if p.message == message {
			*p = place{}
		}
	}
}

// cardsMost is how many buttons of cards a person has an eye on.
const cardsMost = 20
