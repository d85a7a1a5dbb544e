package desk

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// petsInLine is how many pets stand in one line with their owner, and how long
// names may be there: a button shows no more, and twenty lines are one message.
const (
	petsInLine    = 3
	nameInLine    = 32
	petNameInLine = 16
)

// openSearch answers /search: with what is looked for, or with how to.
func (d *Desk) openSearch(ctx context.Context, t *chat.Turn, argument string) error {
	if argument == "" {
		_, err := t.Show(ctx, chat.Screen{Text: t.Text("desk.search.ask")})
		return err
	}
	return d.Find(ctx, t, argument)
}

// Find answers plain text outside a dialog: a code, or a whole phone that one
// owner has, or had before a merge, opens the card, a pet's code the pet's;
// anything else is a search.
func (d *Desk) Find(ctx context.Context, t *chat.Turn, typed string) error {
	found, err := d.registry.Search(ctx, *t.Speaker.Member, typed, registry.Mark{})
	var invalid registry.Invalid
	if errors.As(err, &invalid) {
		_, err := t.Send(ctx, chat.Screen{Text: t.Text(fields.Reason(invalid))})
		return err
	}
	if err != nil {
		return err
	}
	if one, err := d.meansOne(ctx, t, typed, found); err != nil {
		return err
	} else if one {
		if opened, err := d.findPet(ctx, t, typed); opened || err != nil {
			return err
		}
		return d.openCard(ctx, t, decimal(found.Hits[0].ID))
	}
	typed = found.Typed
	number := 0
	if found.Total > 1 || found.Near() {
		if number, err = d.registry.KeepSearch(ctx, *t.Speaker.Member, typed); err != nil {
			return err
		}
	}
	_, err = t.Send(ctx, d.hits(t, typed, number, registry.Mark{}, found))
	return err
}

// meansOne says whether what was typed can mean nobody but the one who was found: it is a code, or a whole phone, of theirs
// or of a card that went into theirs.
func (d *Desk) meansOne(ctx context.Context, t *chat.Turn, typed string, found registry.Found) (bool, error) {
	if found.Total != 1 {
		return false, nil
	}
	hit := found.Hits[0]
	phone, err := registry.ParsePhone(typed, country(t))
	switch {
	case hit.Match == registry.MatchCode:
		return true, nil
	case err != nil || hit.Match != registry.MatchNumber:
		return false, nil
	case hit.Phone == phone || hit.SecondPhone == phone:
		return true, nil
	}
	// The number is a part of something else of theirs, or the phone of a card that went into theirs.
	known, err := d.registry.OwnersByPhone(ctx, *t.Speaker.Member, phone)
	return len(known) == 1 && known[0].ID == hit.ID, err
}

// openHits shows a page of a search that was kept: "7", or "7:n2.1c" after a mark.
func (d *Desk) openHits(ctx context.Context, t *chat.Turn, argument string) error {
	kept, mark, _ := strings.Cut(argument, ":")
	number, err := strconv.ParseInt(kept, 10, 32)
	if err != nil {
		return t.Toast(ctx, t.Plain("form.expired"))
	}
	typed, err := d.registry.KeptSearch(ctx, *t.Speaker.Member, int(number))
	if errors.Is(err, registry.ErrNotFound) {
		return t.Toast(ctx, t.Plain("form.expired"))
	}
	if err != nil {
		return err
	}
	at := parseMark(mark)
	found, err := d.registry.Search(ctx, *t.Speaker.Member, typed, at)
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, d.hits(t, typed, int(number), at, found))
	return err
}

// openHit shows the card of a hit, with the way back to its page: "42:7:n2.1c".
func (d *Desk) openHit(ctx context.Context, t *chat.Turn, argument string) error {
	id, page, _ := strings.Cut(argument, ":")
	return d.openFrom(ctx, t, id, chat.Button{Label: t.Plain("desk.search.back"), Data: chat.Data(routeHits, page)})
}

// openFrom shows a card with a button that leads back to where it was opened from.
func (d *Desk) openFrom(ctx context.Context, t *chat.Turn, id string, back chat.Button) error {
	owner, err := d.ownerFrom(ctx, t, id)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	screen, err := d.card(ctx, t, owner, "")
	if err != nil {
		return err
	}
	if len(back.Data) <= 64 { // longer only when forged
		screen.Rows = append(screen.Rows, chat.Row(back))
	}
	_, err = t.Show(ctx, screen)
	return err
}

// hits draws a page of what a search found, one line an owner.
func (d *Desk) hits(t *chat.Turn, typed string, number int, at registry.Mark, found registry.Found) chat.Screen {
	if found.Total == 0 {
		return d.noHits(t, typed)
	}
	text := t.Text("desk.search.found", chat.Args{"Count": found.Total, "Typed": typed})
	if found.Near() {
		text = t.Text("desk.search.near", chat.Args{"Typed": typed})
	}
	if len(found.Hits) < found.Total {
		text = chat.Lines(text, placeOf(t, found.From, len(found.Hits), found.Total))
	}
	var rows [][]chat.Button
	for _, hit := range found.Hits {
		button := chat.Button{Label: hitLine(t, typed, hit), Data: chat.Data(routeOwner, decimal(hit.ID))}
		if number != 0 {
			button.Data = chat.Data(routeHit, decimal(hit.ID), strconv.Itoa(number), formatMark(at))
		}
		rows = append(rows, chat.Row(button))
	}
	if pages := hitPages(t, number, found); len(pages) > 0 {
		rows = append(rows, pages)
	}
	if found.Near() {
		rows = append(rows, d.registerInstead(t, typed)...)
	}
	return chat.Screen{Text: text, Rows: rows}
}

// hitPages are the ways from one page to the next ones.
func hitPages(t *chat.Turn, number int, found registry.Found) (row []chat.Button) {
	button := func(key string, mark registry.Mark) chat.Button {
		return chat.Button{Label: t.Plain(key), Data: chat.Data(routeHits, strconv.Itoa(number), formatMark(mark))}
	}
	if mark, ok := found.Earlier(); ok {
		row = append(row, button("desk.search.earlier", mark))
	}
	if mark, ok := found.Later(); ok {
		row = append(row, button("desk.search.later", mark))
	}
	return row
}

// noHits says that nobody was found, and offers to register them.
func (d *Desk) noHits(t *chat.Turn, typed string) chat.Screen {
	text := t.Text("desk.search.nobody", chat.Args{"Typed": typed})
	phone, err := registry.ParsePhone(typed, country(t))
	var invalid registry.Invalid
	switch {
	case err == nil:
		text = t.Text("desk.search.no_phone", chat.Args{"Phone": chat.Code(registry.ShowPhone(phone, country(t)))})
	case errors.As(err, &invalid) && invalid.Reason == registry.ReasonWrongCountry:
		text = chat.Lines(text, t.Text("desk.search.abroad"))
	case err != nil && !strings.ContainsFunc(typed, unicode.IsLetter) && len(registry.Digits(typed)) < 3:
		text = chat.Lines(text, t.Text("desk.search.few_digits"))
	}
	return chat.Screen{Text: text, Rows: d.registerInstead(t, typed)}
}

// registerInstead offers the registration, with the phone if one was typed.
func (d *Desk) registerInstead(t *chat.Turn, typed string) [][]chat.Button {
	if !t.Speaker.May(staff.RightWriteRegistry) {
		return nil
	}
	button := chat.Button{Label: t.Plain("desk.register.begin"), Data: routeRegister}
	if phone, err := registry.ParsePhone(typed, country(t)); err == nil {
		button.Label = t.Plain("desk.search.register", chat.Args{"Phone": registry.ShowPhone(phone, country(t))})
		button.Data = chat.Data(routeRegister, phone)
	}
	return [][]chat.Button{{button}}
}

// hitLine tells an owner apart from others of the same name: by the last digits
// of the phone that was found, and the pets.
func hitLine(t *chat.Turn, typed string, hit registry.Hit) string {
	phone := hit.Phone
	if hit.Match == registry.MatchNumber && !hasDigitsOf(phone, typed) && hasDigitsOf(hit.SecondPhone, typed) {
		phone = hit.SecondPhone
	}
	pets := make([]string, 0, petsInLine)
	for _, name := range hit.Pets[:min(len(hit.Pets), petsInLine)] {
		pets = append(pets, shorten(name, petNameInLine))
	}
	return t.Plain(lineKey("desk.search.hit", len(pets)), chat.Args{
		"Owner": shorten(hit.Name, nameInLine), "Digits": "…" + lastDigits(phone), "Pets": petsOf(t, pets, len(hit.Pets)),
	})
}

// hasDigitsOf says whether the phone has the digits that were typed, but for a
// leading 0.
func hasDigitsOf(phone, typed string) bool {
	return strings.Contains(phone, strings.TrimLeft(registry.Digits(typed), "0"))
}

// lastDigits are those of a phone that tell owners of one name apart.
func lastDigits(phone string) string { return phone[max(0, len(phone)-3):] }

// lineKey is the text for an owner with pets, or for one without any.
func lineKey(key string, pets int) string {
	if pets == 0 {
		return key + "_alone"
	}
	return key
}

// petsOf lists the first pets, and how many more there are.
func petsOf(t *chat.Turn, first []string, all int) string {
	list := strings.Join(first, t.Plain("list.comma"))
	if more := all - len(first); more > 0 {
		list += " +" + strconv.Itoa(more)
	}
	return list
}

// placeOf says where a page stands: "21–40 of 1,512".
func placeOf(t *chat.Turn, from, count, total int) chat.HTML {
	return t.Text("desk.search.place", chat.Args{"From": grouped(from), "To": grouped(from + count - 1), "Total": grouped(total)})
}

// grouped writes a number with commas between the thousands.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// formatMark writes a page of hits for a button: nothing for the first, "n2.1c"
// for the next after a hit, "p2.1c" for the one before.
func formatMark(mark registry.Mark) string {
	if mark == (registry.Mark{}) {
		return ""
	}
	way := "n"
	if mark.Back {
		way = "p"
	}
	return way + strconv.Itoa(int(mark.Match)) + "." + strconv.FormatInt(mark.OwnerID, 36)
}

// parseMark reads what formatMark wrote; anything else is the first page.
func parseMark(text string) registry.Mark {
	if text == "" || text[0] != 'n' && text[0] != 'p' {
		return registry.Mark{}
	}
	match, id, _ := strings.Cut(text[1:], ".")
	rank, err := strconv.ParseInt(match, 10, 8)
	if err != nil {
		return registry.Mark{}
	}
	ownerID, err := strconv.ParseInt(id, 36, 64)
	if err != nil {
		return registry.Mark{}
	}
	return registry.Mark{Back: text[0] == 'p', Match: registry.Match(rank), OwnerID: ownerID}
}
