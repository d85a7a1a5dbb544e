package desk

import (
	"context"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/reference"
	"vetalyze/internal/registry"
)

// openOwners lists the clinic's owners, the latest first: "" is the first page,
// "o1c.20" the one after the owner who stood at place 20, "n1d.21" the one before.
func (d *Desk) openOwners(ctx context.Context, t *chat.Turn, argument string) error {
	at := parseListMark(argument)
	list, err := d.registry.OwnersPage(ctx, *t.Speaker.Member, at)
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, d.list(ctx, t, at, list))
	return err
}

// openListed shows the card of an owner on the list, with the way back to its
// page: "42:o1c.20".
func (d *Desk) openListed(ctx context.Context, t *chat.Turn, argument string) error {
	id, page, _ := strings.Cut(argument, ":")
	return d.openFrom(ctx, t, id, chat.Button{Label: t.Plain("desk.list.back"), Data: chat.Data(routeOwners, page)})
}

// list draws a page: a numbered line for each owner, and below a button for
// each number.
func (d *Desk) list(ctx context.Context, t *chat.Turn, at registry.ListMark, list registry.List) chat.Screen {
	if len(list.Owners) == 0 {
		return chat.Screen{Text: t.Text("desk.list.empty"), Rows: d.registerInstead(t, "")}
	}
	species, _ := d.reference.Species(ctx) // without them every pet has the same picture
	var text strings.Builder
	text.Grow((1 + len(list.Owners)) * usualLine)
	text.WriteString(string(listTitle(t, list)) + "\n")
	numbers := make([]chat.Button, 0, len(list.Owners))
	page := formatListMark(at)
	for i, owner := range list.Owners {
		number := grouped(list.From + i)
		text.WriteByte('\n')
		writeListed(&text, t, species, number, owner)
		numbers = append(numbers, chat.Button{Label: number, Data: chat.Data(routeListed, decimal(owner.ID), page)})
	}
	rows := chat.Columns(5, numbers)
	if pages := listPages(t, list); len(pages) > 0 {
		rows = append(rows, pages)
	}
	rows = append(rows, chat.Row(chat.Button{Label: t.Plain("button.export"), Data: routeExport}))
	return chat.Screen{Text: chat.HTML(text.String()), Rows: rows}
}

// listTitle says whose list it is and, if that is not all of it, where the page stands.
func listTitle(t *chat.Turn, list registry.List) chat.HTML {
	title := t.Text("desk.list.title", chat.Args{"Count": list.Total})
	if len(list.Owners) >= list.Total {
		return title
	}
	return chat.Lines(title, placeOf(t, list.From, len(list.Owners), list.Total))
}

// listPages are the ways from one page to others.
func listPages(t *chat.Turn, list registry.List) (row []chat.Button) {
	button := func(key string, mark registry.ListMark) chat.Button {
		return chat.Button{Label: t.Plain(key), Data: chat.Data(routeOwners, formatListMark(mark))}
	}
	if list.From > registry.ListPage+1 {
		row = append(row, button("desk.list.first", registry.ListMark{}))
	}
	if mark, ok := list.Earlier(); ok {
		row = append(row, button("desk.list.newer", mark))
	}
	if mark, ok := list.Later(); ok {
		row = append(row, button("desk.list.older", mark))
	}
	return row
}

// usualLine is enough for an owner's line, in bytes.
const usualLine = 128

// writeListed writes an owner's line: the number, name, the phone's last digits, and the pets.
func writeListed(to *strings.Builder, t *chat.Turn, species reference.SpeciesList, number string, owner registry.Listed) {
	pets := make([]string, 0, petsInLine)
	for _, pet := range owner.Pets[:min(len(owner.Pets), petsInLine)] {
		pets = append(pets, label(emojiAmong(species, pet.SpeciesID), shorten(pet.Name, petNameInLine)))
	}
	t.WriteText(to, lineKey("desk.list.line", len(pets)), chat.Args{
		"Number": chat.HTML(number), "Owner": shorten(owner.Name, nameInLine), "Digits": "…" + lastDigits(owner.Phone),
		"Pets": petsOf(t, pets, len(owner.Pets)),
	})
}

// formatListMark writes a page of the list for a button.
func formatListMark(mark registry.ListMark) string {
	if mark == (registry.ListMark{}) {
		return ""
	}
	way := "o"
	if mark.Back {
		way = "n"
	}
	return way + strconv.FormatInt(mark.OwnerID, 36) + "." + strconv.Itoa(mark.Place)
}

// parseListMark reads what formatListMark wrote; anything else is the first page.
func parseListMark(text string) registry.ListMark {
	if text == "" || text[0] != 'o' && text[0] != 'n' {
		return registry.ListMark{}
	}
	id, at, _ := strings.Cut(text[1:], ".")
	ownerID, err := strconv.ParseInt(id, 36, 64)
	if err != nil {
		return registry.ListMark{}
	}
	place, err := strconv.ParseInt(at, 10, 32)
	if err != nil {
		return registry.ListMark{}
	}
	return registry.ListMark{Back: text[0] == 'n', OwnerID: ownerID, Place: int(place)}
}
