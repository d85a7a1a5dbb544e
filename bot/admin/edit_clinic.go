package admin

import (
	"context"
	"errors"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

const (
	formEditClinic = "editclinic"

	fieldEmail = "email"
	fieldLinks = "links"

	maxLinks  = 10
	longEmail = 254
	longLink  = 200
)

// editClinic opens on its summary with everything that is known of a clinic; each answer can be changed there.
func (a *Admin) editClinic() *form.Form {
	phone := fields.Phone(fieldPhone, fieldOwnerName, countryAnswered)
	second := fields.Phone(fieldSecondPhone, "", countryAnswered)
	second.Skippable = true
	return &form.Form{
		Name: formEditClinic, Texts: "admin.edit_clinic", Right: staff.RightManageClinics,
		Fields: []form.Field{
			fields.Name(fieldName),
			fields.Name(fieldOwnerName),
			{Name: fieldCountry, Choices: a.countryChoices, Accept: a.acceptCountry, Choose: a.chooseCountry, Show: a.showCountry},
			phone,
			second,
			{Name: fieldLocation, Skippable: true, Accept: acceptLocation},
			{Name: fieldEmail, Skippable: true, Accept: acceptEmail},
			{Name: fieldLinks, Skippable: true, Accept: acceptLinks, Show: showLinks},
		},
		Save: a.saveClinic,
	}
}

func (a *Admin) beginEditing(ctx context.Context, t *chat.Turn, card staff.ClinicCard) error {
	answers := dialog.NewAnswers()
	answers.Item = dialog.Item{
		keyID: strconv.FormatInt(card.ID, 10), keyVersion: strconv.Itoa(card.Version),
		fieldName: card.Name, fieldOwnerName: card.OwnerName, fieldCountry: card.Country, fieldPhone: card.OwnerPhone,
		fieldSecondPhone: card.SecondPhone, fieldLocation: card.Location, fieldEmail: card.Email,
		fieldLinks: strings.Join(card.Links, "\n"),
	}
	return a.forms.Begin(ctx, t, formEditClinic, answers)
}

func (a *Admin) saveClinic(ctx context.Context, t *chat.Turn, _ form.Key, answers dialog.Answers) (chat.Screen, error) {
	item := answers.Item
	clinicID := int64(number(item[keyID]))
	err := a.staff.ChangeClinic(ctx, t.Speaker, clinicID, number(item[keyVersion]), staff.ClinicDetails{
		Name: item[fieldName], OwnerName: item[fieldOwnerName], OwnerPhone: item[fieldPhone], SecondPhone: item[fieldSecondPhone],
		Country: item[fieldCountry], Location: item[fieldLocation], Email: item[fieldEmail], Links: strings.Fields(item[fieldLinks]),
	})
	switch {
	case errors.Is(err, staff.ErrStale):
		return chat.Screen{}, a.departToCard(ctx, t, clinicID, "admin.clinics.stale")
	case errors.Is(err, staff.ErrNotFound):
		return chat.Screen{}, form.Refuse("admin.new_clinic.gone", nil)
	case errors.Is(err, staff.ErrPhoneTaken):
		return chat.Screen{}, form.Refuse("admin.edit_clinic.phone.taken", nil)
	case err != nil:
		return chat.Screen{}, err
	}
	return a.cardScreen(ctx, t, clinicID, "admin.edit_clinic.saved")
}

// acceptEmail takes one bare address.
func acceptEmail(_ context.Context, s form.Step, typed string) error {
	line, err := registry.ParseLine(typed, longEmail)
	if err != nil {
		return fields.Refusal(err)
	}
	address, err := mail.ParseAddress(line)
	if err != nil || address.Address != line || strings.Count(line, "@") != 1 || !strings.Contains(line[strings.Index(line, "@"):], ".") {
		return form.Refuse("admin.edit_clinic.email.not", nil)
	}
	s.Item[fieldEmail] = line
	return nil
}

// acceptLinks takes web addresses, apart by spaces or lines; "https://" may be left out.
func acceptLinks(_ context.Context, s form.Step, typed string) error {
	var links []string
	for _, word := range strings.Fields(strings.ToValidUTF8(strings.Map(plainRune, typed), "")) {
		link, ok := readLink(strings.Trim(word, ",،;"))
		if !ok {
			return form.Refuse("admin.edit_clinic.links.not", chat.Args{"Link": clip(word, 60)})
		}
		links = append(links, link)
	}
	if len(links) == 0 || len(links) > maxLinks {
		return form.Refuse("admin.edit_clinic.links.how_many", nil)
	}
	s.Item[fieldLinks] = strings.Join(links, "\n")
	return nil
}

func readLink(word string) (string, bool) {
	if !strings.Contains(word, "://") {
		word = "https://" + word
	}
	link, err := url.Parse(word)
	if err != nil || len(word) > longLink || (link.Scheme != "https" && link.Scheme != "http") || link.User != nil {
		return "", false
	}
	host := link.Hostname()
	if !strings.Contains(host, ".") || strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") {
		return "", false
	}
	return link.String(), true
}

func showLinks(_ context.Context, _ form.Step, kept string) (string, error) {
	return strings.Join(strings.Fields(kept), "  "), nil
}
