package desk

import (
	"context"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// Telegram takes 4096 characters a message: what may be long is cut on an owner's card, and whole where it is changed.
const (
	petsOnCard   = 12
	alertsOnCard = 6
	shortName    = 40
	shortAlert   = 120
	shortNote    = 700
)

// The kinds of cards, as buttons name them.
const (
	cardOfOwner = "owner"
	cardOfPet   = "pet"
)

// openCard shows the owner named by a button's argument, "7", or a page of the pets, "7:2".
func (d *Desk) openCard(ctx context.Context, t *chat.Turn, argument string) error {
	id, page, _ := strings.Cut(argument, ":")
	owner, err := d.ownerFrom(ctx, t, id)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	at, _ := strconv.Atoi(page)
	screen, err := d.cardPage(ctx, t, owner, "", at)
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, screen)
	return err
}

// ownerFrom finds the owner an id in a button names. An id of another clinic, or
// no id at all, is simply not found.
func (d *Desk) ownerFrom(ctx context.Context, t *chat.Turn, argument string) (registry.Owner, error) {
	id, err := strconv.ParseInt(argument, 10, 64)
	if err != nil {
		return registry.Owner{}, registry.ErrNotFound
	}
	return d.registry.Card(ctx, *t.Speaker.Member, id)
}

// card draws an owner with the first pets, under a headline if there is one.
func (d *Desk) card(ctx context.Context, t *chat.Turn, owner registry.Owner, headline chat.HTML) (chat.Screen, error) {
	return d.cardPage(ctx, t, owner, headline, 0)
}

// cardPage draws an owner with a page of the pets, counted from 0.
func (d *Desk) cardPage(ctx context.Context, t *chat.Turn, owner registry.Owner, headline chat.HTML, page int) (chat.Screen, error) {
	about, err := d.aboutOwner(ctx, t, owner)
	if err != nil {
		return chat.Screen{}, err
	}
	page = max(0, min(page, (len(owner.Pets)-1)/petsOnCard))
	shown := owner.Pets[page*petsOnCard : min(len(owner.Pets), (page+1)*petsOnCard)]
	var pets []chat.HTML
	var buttons []chat.Button
	for _, pet := range shown {
		line, err := d.petOnCard(ctx, t, pet)
		if err != nil {
			return chat.Screen{}, err
		}
		pets = append(pets, line)
		buttons = append(buttons, chat.Button{
			Label: label(d.petEmoji(ctx, pet), shorten(pet.Name, shortName)), Data: chat.Data(routePet, decimal(pet.ID)),
		})
	}
	var pager []chat.Button
	if len(owner.Pets) > petsOnCard {
		pets = append(pets, t.Text("desk.card.pets_shown", chat.Args{
			"From": page*petsOnCard + 1, "To": page*petsOnCard + len(shown), "All": len(owner.Pets),
		}))
		pager = d.petPager(t, owner, page)
	}
	return chat.Screen{
		Text: chat.Paragraphs(headline, about, chat.Lines(pets...)),
		Rows: rows(chat.Columns(2, buttons), pager, d.ownerButtons(t, owner)...),
	}, nil
}

// petEmoji is the species' picture, or the sign of a pet that is no more.
func (d *Desk) petEmoji(ctx context.Context, pet registry.Pet) string {
	if pet.Deceased() {
		return "🕊"
	}
	return d.emoji(ctx, pet.SpeciesID)
}

func (d *Desk) petPager(t *chat.Turn, owner registry.Owner, page int) (row []chat.Button) {
	if page > 0 {
		row = append(row, chat.Button{Label: t.Plain("desk.card.pets_before"), Data: chat.Data(routeOwner, decimal(owner.ID), strconv.Itoa(page-1))})
	}
	if (page+1)*petsOnCard < len(owner.Pets) {
		row = append(row, chat.Button{Label: t.Plain("desk.card.pets_after"), Data: chat.Data(routeOwner, decimal(owner.ID), strconv.Itoa(page+1))})
	}
	return row
}

// ownerButtons are what can be done about an owner, by those who may.
func (d *Desk) ownerButtons(t *chat.Turn, owner registry.Owner) [][]chat.Button {
	id := decimal(owner.ID)
	var all [][]chat.Button
	if t.Speaker.May(staff.RightWriteRegistry) {
		all = append(all, chat.Row(
			chat.Button{Label: t.Plain("desk.card.add_pet"), Data: chat.Data(routeAddPet, id)},
			chat.Button{Label: t.Plain("desk.card.change"), Data: chat.Data(routeChange, cardOfOwner, id)}))
	}
	all = append(all, d.mergeRows(t, owner)...)
	all = append(all, d.ownersButtons(t, cardOfOwner, id))
	if t.Speaker.May(staff.RightWriteRegistry) {
		all = append(all, chat.Row(chat.Button{Label: t.Plain("desk.card.register_next"), Data: routeRegister}))
	}
	return all
}

// ownersButtons are what the clinic's owner may do about a card.
func (d *Desk) ownersButtons(t *chat.Turn, kind, id string) []chat.Button {
	if !t.Speaker.May(staff.RightDeleteFromRegistry) {
		return nil
	}
	return chat.Row(
		chat.Button{Label: t.Plain("desk.card.history"), Data: chat.Data(routeHistory, kind, id)},
		chat.Button{Label: t.Plain("desk.card.delete"), Data: chat.Data(routeDelete, kind, id)})
}

// aboutOwner tells who an owner is, after what must be known of the pets.
func (d *Desk) aboutOwner(ctx context.Context, t *chat.Turn, owner registry.Owner) (chat.HTML, error) {
	lines := append(alerts(t, owner.Pets), t.Text("desk.card.owner", chat.Args{"Owner": owner.Name, "Code": chat.Code(owner.Code)}))
	for _, phone := range []string{owner.Phone, owner.SecondPhone} {
		if phone != "" {
			lines = append(lines, t.Text("desk.card.phone", chat.Args{
				"Phone": chat.Code(registry.ShowPhone(phone, country(t))), "Call": phone,
			}))
		}
	}
	if owner.ChannelID != 0 {
		channel, err := d.channelName(ctx, t, owner.ChannelID)
		if err != nil {
			return "", err
		}
		lines = append(lines, t.Text("desk.card.channel", chat.Args{"Channel": channel}))
	}
	if owner.Note != "" {
		lines = append(lines, t.Text("desk.card.note", chat.Args{"Note": shorten(owner.Note, shortNote)}))
	}
	return chat.Lines(append(lines, since(t, owner.RegisteredAt, owner.RegisteredBy))...), nil
}

// alerts are the warnings about the living pets.
func alerts(t *chat.Turn, pets []registry.Pet) (lines []chat.HTML) {
	for _, pet := range pets {
		if pet.Alert != "" && !pet.Deceased() && len(lines) < alertsOnCard {
			lines = append(lines, t.Text("desk.card.alert", chat.Args{
				"Pet": shorten(pet.Name, shortName), "Alert": shorten(pet.Alert, shortAlert),
			}))
		}
	}
	return lines
}

// petOnCard is a pet as the owner's card lists it.
func (d *Desk) petOnCard(ctx context.Context, t *chat.Turn, pet registry.Pet) (chat.HTML, error) {
	args := chat.Args{"Pet": shorten(pet.Name, shortName), "Code": chat.Code(pet.Code)}
	if pet.Deceased() {
		args["Day"] = chat.HTML(t.Day(pet.DeceasedOn))
		return t.Text("desk.card.pet_passed_away", args), nil
	}
	about, err := d.aboutPet(ctx, t, pet.SpeciesID, pet.Birth)
	if err != nil {
		return "", err
	}
	args["About"], args["Emoji"] = chat.HTML(about), chat.HTML(d.emoji(ctx, pet.SpeciesID))
	return t.Text("desk.card.pet", args), nil
}

// aboutPet says what kind of animal it is and how old, without markup.
func (d *Desk) aboutPet(ctx context.Context, t *chat.Turn, speciesID int, birth registry.Birth) (string, error) {
	species, err := d.speciesName(ctx, t, speciesID)
	if err != nil {
		return "", err
	}
	parts := []string{species}
	if age, known := birth.Age(d.today(t)); known {
		parts = append(parts, ageInWords(t.Locale, age))
	}
	return strings.Join(parts, t.Plain("list.comma")), nil
}

// ageInWords tells an age as people do: the young in weeks and months, the grown
// in years.
func ageInWords(locale chat.Locale, age registry.Age) string {
	count := func(unit string, n int) string { return locale.Plain("age."+unit, chat.Args{"Count": n}) }
	var words string
	switch {
	case age.Years >= 2 || (age.Years > 0 && age.Months == 0):
		words = count("years", age.Years)
	case age.Years > 0:
		words = locale.Plain("age.and", chat.Args{"First": count("years", age.Years), "Second": count("months", age.Months)})
	case age.Months >= 3 || (age.Months > 0 && age.TotalDays == 0):
		words = count("months", age.Months)
	case age.TotalDays >= 14:
		words = count("weeks", age.TotalDays/7)
	case age.TotalDays > 0:
		words = count("days", age.TotalDays)
	default:
		words = locale.Plain("age.newborn")
	}
	if age.Approximate && age.Years > 0 {
		return locale.Plain("age.about", chat.Args{"Age": words})
	}
	return words
}
