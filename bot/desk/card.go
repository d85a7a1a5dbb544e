package desk

import (
	"context"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
)

// openCard shows the owner named by a button's argument.
func (d *Desk) openCard(ctx context.Context, t *chat.Turn, argument string) error {
	owner, err := d.ownerFrom(ctx, t, argument)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	return d.showCard(ctx, t, owner)
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

func (d *Desk) showCard(ctx context.Context, t *chat.Turn, owner registry.Owner) error {
	screen, err := d.card(ctx, t, owner, "")
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, screen)
	return err
}

// card draws an owner with all pets, under a headline if there is one.
func (d *Desk) card(ctx context.Context, t *chat.Turn, owner registry.Owner, headline chat.HTML) (chat.Screen, error) {
	lines := []chat.HTML{t.Text("desk.card.owner", chat.Args{"Owner": owner.Name, "Code": chat.Code(owner.Code)})}
	for _, phone := range []string{owner.Phone, owner.SecondPhone} {
		if phone != "" {
			lines = append(lines, t.Text("desk.card.phone", chat.Args{"Phone": chat.Code(registry.ShowPhone(phone, country(t)))}))
		}
	}
	if owner.ChannelID != 0 {
		channel, err := d.channelName(ctx, t, owner.ChannelID)
		if err != nil {
			return chat.Screen{}, err
		}
		lines = append(lines, t.Text("desk.card.channel", chat.Args{"Channel": channel}))
	}
	var pets []chat.HTML
	for _, pet := range owner.Pets {
		about, err := d.aboutPet(ctx, t, pet.SpeciesID, pet.Birth)
		if err != nil {
			return chat.Screen{}, err
		}
		pets = append(pets, t.Text("desk.card.pet", chat.Args{
			"Pet": pet.Name, "About": chat.HTML(about), "Code": chat.Code(pet.Code), "Emoji": chat.HTML(d.emoji(ctx, pet.SpeciesID)),
		}))
	}
	id := strconv.FormatInt(owner.ID, 10)
	return chat.Screen{
		Text: chat.Paragraphs(headline, chat.Lines(lines...), chat.Lines(pets...)),
		Rows: [][]chat.Button{
			{{Label: t.Plain("desk.card.add_pet"), Data: chat.Data(routeAddPet, id)}},
			{{Label: t.Plain("desk.card.register_next"), Data: routeRegister}},
		},
	}, nil
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
