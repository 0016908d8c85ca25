"""What owners call their columns, in many languages, best names first."""

from __future__ import annotations

from crm_core.intake.words import fold

_NAMES = {
    "client": """
        customer unique id, customer id, client id, customer no, customer number, client number,
        client no, customer code, client code, account id, account number, account no, user id,
        buyer id, member id, contact id, cust id, cust no, customerid, clientid,
        member number, loyalty card, card number,
        kundennummer, kunden nr, kundennr, kd nr, kdnr, kundenkarte, kunden id,
        debitorennummer, debitor nr,
        numéro client, n° client, id client, code client, réf client,
        id cliente, código cliente, código de cliente, número cliente, número de cliente,
        codice cliente, numero cliente, klantnummer, klantnr, klant id, klantcode,
        asiakasnumero, asiakas id, asiakasnro, код клиента, номер клиента, id клиента, ид клиента,
        código do cliente, cust, id,
        numer klienta, nr klienta, id klienta, kod klienta, číslo zákazníka, zákaznické číslo,
        id zákazníka, kundnummer, kundnr, kund id, kundenr
    """,
    "name": """
        customer name, client name, full name, buyer name, company name, contact name,
        billing name, account name, customer full name, name,
        kundenname, kunde name, name des kunden, firmenname, vollständiger name,
        nom client, nom du client, nom complet, raison sociale, nom,
        nombre cliente, nombre del cliente, nombre completo, razón social, nombre,
        nome cliente, nome completo, ragione sociale, nome, klantnaam, bedrijfsnaam, naam,
        asiakkaan nimi, asiakasnimi, nimi, фио, имя клиента, наименование клиента, имя,
        наименование, название,
        nazwa klienta, imię i nazwisko, nazwa, jméno zákazníka, název firmy, jméno, kundnamn,
        kundenavn, företagsnamn, firmanavn, nome do cliente, navn, namn
    """,
    "who": """
        customer, client, account, buyer, company, organisation, organization, patient, guest,
        member, student, sold to, bill to, ship to, who, household,
        kunde, kunden, kundin, kund, firma, klient, käufer, auftraggeber, debitor, mandant,
        acheteur, société, entreprise, cliente, comprador, empresa, acquirente, azienda,
        klant, bedrijf, afnemer, asiakas, yritys, ostaja,
        клиент, покупатель, заказчик, контрагент, компания, организация,
        kontrahent, nabywca, odbiorca, zákazník, odběratel, köpare, køber, utente,
        row labels, zeilenbeschriftungen, étiquettes de lignes, etiquetas de fila,
        etichette di riga, rijlabels, riviotsikot, названия строк, etykiety wierszy
    """,
    "email": """
        email, e mail, customer email, client email, email address, e mail address, mail,
        e mail adresse, emailadresse, courriel, adresse email, adresse e mail, mél,
        correo electrónico, correo, posta elettronica, indirizzo email, e mailadres, emailadres,
        sähköposti, sähköpostiosoite, электронная почта, эл почта, почта, e mail клиента
    """,
    "phone": """
        phone, phone number, telephone, mobile, mobile phone, tel, cell,
        telefon, telefonnummer, handy, mobil, téléphone, portable, teléfono, móvil,
        telefono, cellulare, telefoon, telefoonnummer, puhelin, puhelinnumero, телефон
    """,
    "country": """
        country, country region, country code, billing country, shipping country,
        land, staat, pays, país, paese, nazione, maa, страна,
        kraj, země
    """,
    "region": """
        region, state, province, state province, county, territory, sales region,
        regional office, bundesland, kanton, gebiet, région, département, provincia, región,
        comunidad autónoma, regione, provincie, regio, maakunta, alue, регион, область
    """,
    "city": """
        city, town, billing city, shipping city, town city, office location,
        ort, stadt, wohnort, ville, ciudad, localidad, città, comune, plaats, stad, woonplaats,
        kaupunki, paikkakunta, город,
        miasto, miejscowość, město, obec, by, cidade
    """,
    "segment": """
        segment, customer segment, customer group, customer type, client type, customer category,
        client group, industry, sector, tier, lifecycle stage,
        kundengruppe, kundentyp, kundensegment, branche, groupe client, type de client, secteur,
        tipo de cliente, tipo cliente, grupo de clientes, sector cliente, settore,
        klantgroep, klanttype, asiakasryhmä, toimiala, сегмент, группа клиентов, отрасль
    """,
    "department": """
        department, business unit, division, abteilung, bereich, sparte, service client,
        departamento, reparto, afdeling, osasto, отдел, подразделение
    """,
    "manager": """
        manager, account manager, sales agent, salesperson, sales person, sales rep,
        sales representative, account owner, deal owner, contact owner, rep, agent, staff name,
        staff, employee, seller,
        betreuer, kundenbetreuer, verkäufer, vertreter, berater, sachbearbeiter, mitarbeiter,
        commercial, vendeur, conseiller, comercial, vendedor, agente, venditore, commerciale,
        verkoper, accountmanager, vertegenwoordiger, myyjä, vastuuhenkilö, менеджер, продавец,
        ответственный
    """,
    "source": """
        source, lead source, original source, origin, referrer, utm source, how did you hear,
        herkunft, quelle, leadquelle, origine, provenance, fuente, origen, fonte, provenienza,
        bron, herkomst, lähde, источник
    """,
    "known_on": """
        customer since, client since, sign up date, signup date, registration date, registered,
        date added, joined, join date, create date, created date, created on, created at, created,
        kunde seit, angelegt am, erstellt am, anlagedatum, registriert am,
        client depuis, date de création, date d'inscription, fecha de alta, cliente desde,
        fecha de registro, data creazione, cliente dal, data registrazione,
        klant sinds, aangemaakt op, asiakas alkaen, luotu, rekisteröity,
        дата регистрации, дата создания, клиент с,
        data utworzenia, data rejestracji, klient od, datum registrace, zákazník od, kund sedan,
        skapad, kunde siden, oprettet, data de criação
    """,
    "birthday": """
        birthday, date of birth, birth date, birthdate, dob, geburtstag, geburtsdatum,
        date de naissance, anniversaire, fecha de nacimiento, cumpleaños, data di nascita,
        compleanno, geboortedatum, verjaardag, syntymäaika, syntymäpäivä, дата рождения
    """,
    "order": """
        order id, order no, order number, order #, order reference, order ref, order name,
        invoice no, invoice number, invoice id, invoice #, receipt no, receipt number, receipt id,
        transaction id, transaction number, transaction no, document number, document no,
        opportunity id, deal id, sale id, basket id, orderid, invoiceno, order, invoice, receipt,
        bestellnummer, bestell nr, bestellnr, auftragsnummer, auftrags nr, auftragsnr,
        rechnungsnummer, rechnungs nr, rechnungsnr, rechnung nr, belegnummer, beleg nr, belegnr,
        vorgangsnummer, bestellung, auftrag, rechnung, beleg, bon, bonnummer,
        numéro de commande, n° commande, commande n°, n° de commande, commande,
        numéro de facture, n° facture, n° de facture, facture, ticket,
        número de pedido, nº pedido, n° pedido, pedido, número de factura, nº factura, factura,
        numero ordine, n ordine, ordine, numero fattura, n fattura, fattura,
        bestelnummer, ordernummer, factuurnummer, factuurnr, bestelling, factuur,
        tilausnumero, tilausnro, tilaus, laskunumero, laskun numero, lasku, kuitti,
        номер заказа, заказ, номер счета, счет, номер документа, накладная, чек,
        reference, référence, referencia, riferimento,
        numer faktury, nr faktury, numer zamówienia, nr zamówienia, zamówienie, faktura,
        číslo faktury, číslo objednávky, objednávka, fakturanummer, fakturanr, ordrenummer,
        ordrenr, beställningsnummer, número da fatura, nota fiscal, número do pedido,
        número da encomenda, encomenda
    """,
    "day": """
        order date, invoice date, sale date, sales date, transaction date, purchase date,
        date of sale, date of purchase, order purchase timestamp, purchase timestamp, close date,
        closed date, day, date, receipt date, booking date, document date, order day, paid at,
        timestamp, created at, order created, created, date time, datetime,
        bestelldatum, rechnungsdatum, kaufdatum, verkaufsdatum, auftragsdatum, belegdatum,
        buchungsdatum, datum, dato, tag, date de commande, date commande, date de facture,
        date facture, date de vente, date vente, date d'achat, jour,
        fecha de pedido, fecha pedido, fecha de factura, fecha factura, fecha de venta,
        fecha venta, fecha de compra, fecha, día, data ordine, data fattura, data vendita,
        data acquisto, data, giorno, orderdatum, besteldatum, factuurdatum, verkoopdatum,
        tilauspäivä, laskupäivä, laskun päivä, myyntipäivä, ostopäivä, päivämäärä, pvm, päivä,
        дата заказа, дата продажи, дата покупки, дата счета, дата, день, month, monat, mois, mes,
        mese, maand, kuukausi, месяц,
        data sprzedaży, data wystawienia, data faktury, data zamówienia, data transakcji,
        datum prodeje, datum vystavení, datum objednávky, fakturadatum, försäljningsdatum,
        orderdato, fakturadato, ordredato, salgsdato, data da venda, data da fatura,
        data do pedido, měsíc, miesiąc, månad, måned, mês
    """,
    "amount": """
        net sales, net amount, line total, line amount, line net, item total, net revenue,
        net value, amount net, amount excl tax, amount excl vat, total excl vat, total net,
        sales amount, sale amount, sales value, amount, sales, revenue, turnover, dollar value,
        close value, deal value, value, amt, spend, money, sale, payment value, payment amount,
        subtotal, sub total, total amount, order amount,
        order value, order total, invoice amount, invoice total, total, grand total,
        net, gross sales, gross amount, gross, sum, total price, total sales, price paid,
        nettobetrag, betrag netto, netto, nettoumsatz, umsatz netto, positionsbetrag, betrag,
        umsatz, warenwert, rechnungsbetrag, auftragswert, bestellwert, wert, summe, gesamtbetrag,
        gesamtsumme, gesamtpreis, gesamt, bruttobetrag, brutto, erlös,
        montant ht, total ht, montant net, ventes nettes, montant, chiffre d'affaires, ca ht, ca,
        ventes, valeur, montant ttc, total ttc, montant total, somme,
        importe neto, base imponible, total sin iva, importe, monto, ventas, valor, facturación,
        importe total, monto total, suma, imponibile, importo netto, netto fattura, importo,
        vendite, fatturato, valore, totale, importo totale,
        beløb, belopp, nettobedrag, bedrag excl btw, bedrag, omzet, waarde, totaalbedrag, totaal,
        nettosumma, summa, myynti, liikevaihto, yhteensä, loppusumma, euroa,
        сумма без ндс, сумма, выручка, стоимость, сумма заказа, итого, оборот,
        wartość netto, kwota netto, netto pln, kwota, wartość, sprzedaż, przychód, wartość brutto,
        kwota brutto, razem, částka bez dph, částka, tržba, tržby, hodnota, celkem, nettobelopp,
        belopp exkl moms, försäljning, omsättning, nettobeløb, omsætning, salg, valor líquido,
        valor total, vendas, faturação, faturamento, monetary, total spend, total spent,
        amount spent, lifetime value, revenue total,
        amount paid, total paid, paid, bezahlt, payé, pagado, pagato, betaald, maksettu
    """,
    "quantity": """
        quantity, qty, units, pieces, pcs, items sold, item quantity, number of items, count,
        units sold, order quantity, quantity ordered, ordered quantity,
        menge, anzahl, stück, stückzahl, stk, quantité, qté, qte,
        cantidad, cant, unidades, quantità, qta, q tà, pezzi, aantal, stuks, hoeveelheid,
        määrä, kpl, количество, кол во, колво, шт,
        ilość, szt, sztuk, množství, počet kusů, ks, antal, quantidade, qtd
    """,
    "unit_price": """
        unit price, price per unit, price each, item price, sales price, unit amount, list price,
        rate, price, einzelpreis, stückpreis, e preis, preis, prix unitaire, pu ht, pu, prix,
        precio unitario, p unitario, precio, prezzo unitario, prezzo, stukprijs, eenheidsprijs,
        prijs, yksikköhinta, à hinta, a hinta, kappalehinta, hinta, цена за единицу, цена за шт,
        цена,
        cena jednostkowa, cena netto, cena, jednotková cena, cena za kus, styckpris, à pris,
        a pris, enhedspris, stykpris, pris, preço unitário, preço
    """,
    "currency": """
        currency, currency code, ccy, order currency, währung, devise, monnaie, moneda, divisa,
        valuta, munt, valuutta, валюта,
        waluta, měna, moeda
    """,
    "status": """
        order status, payment status, status, deal stage, stage, sales stage, financial status,
        invoice status, state, transaction status, bestellstatus, zahlungsstatus, zustand,
        statut, état, estado, estado del pedido, stato, stato ordine, fase, bestelstatus, tila,
        tilauksen tila, статус, статус заказа, состояние, стадия,
        stan zamówienia, stav, situação
    """,
    "product": """
        product name, product, item name, item, product title, description, product service,
        item description, service, article, lineitem name, stock code, sku, product id,
        produktname, produkt, artikelbezeichnung, artikel, bezeichnung, leistung, ware,
        produit, désignation, libellé, prestation, producto, artículo, descripción, servicio,
        prodotto, articolo, descrizione, servizio, productnaam, omschrijving, dienst,
        tuote, tuotenimi, nimike, palvelu, товар, продукт, номенклатура, услуга, описание,
        nazwa towaru, towar, usługa, zboží, položka, popis, produktnamn, vara, artikkel, produto,
        artigo, descrição
    """,
    "category": """
        category, product category, product type, product group, product line,
        category name, series, family,
        sub category, department name, kategorie, warengruppe, produktgruppe, artikelgruppe,
        catégorie, famille, categoría, familia, categoria, famiglia, gruppo merceologico,
        categorie, productgroep, artikelgroep, tuoteryhmä, kategoria, категория, группа товаров
    """,
    "channel": """
        channel, sales channel, order channel, store, shop, store name, location, branch, outlet,
        marketplace, platform, kanal, vertriebskanal, verkaufskanal, filiale, laden, standort,
        canal, canal de vente, magasin, boutique, canal de venta, tienda, sucursal, canale,
        canale di vendita, negozio, punto vendita, kanaal, verkoopkanaal, winkel, filiaal,
        kanava, myyntikanava, myymälä, toimipiste, канал, канал продаж, магазин, филиал
    """,
    "refund_of": """
        refund of, refunded order, refund for order, original order, original order id,
        original invoice, original transaction, parent order, credit of, reference txn id,
        storno zu, gutschrift zu, erstattung zu, ursprungsrechnung, avoir de, remboursement de,
        facture d'origine, abono de, factura original, rimborso di, fattura originale,
        creditnota van, oorspronkelijke factuur, hyvitys laskulle, возврат по заказу
    """,
    "first": """
        first name, firstname, given name, forename, vorname, prénom, voornaam, etunimi
    """,
    "last": """
        last name, lastname, surname, family name, nachname, familienname, nom de famille,
        apellido, apellidos, cognome, achternaam, sukunimi, фамилия
    """,
}

SYNONYMS: dict[str, dict[str, int]] = {
    field: {
        fold(name): place
        for place, name in reversed(list(enumerate(text.replace("\n", " ").split(","))))
    }
    for field, text in _NAMES.items()
}
"""Field (also ``who``, ``first``, ``last``) to folded column names and their rank, 0 best."""

SQUEEZED: dict[str, dict[str, int]] = {
    field: {name.replace(" ", ""): rank for name, rank in reversed(names.items())}
    for field, names in SYNONYMS.items()
}
"""The same without spaces, for names such as ``ORDERNUMBER``."""

_OTHER_DAYS = """
    due ship shipping shipped delivery delivered estimated expected approved limit updated
    modified birth expiry expires engage start carrier answer review fällig lieferdatum versand
    échéance livraison vencimiento entrega scadenza consegna vervaldatum leverdatum eräpäivä
    toimitus срок доставки
"""
_OTHER_MONEY = """
    tax vat gst shipping freight postage discount fee fees profit cost costs margin balance tip
    refund refunded commission target budget mwst ust steuer versand rabatt gebühr gewinn kosten
    marge tva frais remise port iva envío descuento comisión beneficio spedizione sconto btw
    verzendkosten korting alv rahti alennus kate ндс скидка доставка прибыль year month day id
    code zip number employees score rating
"""

_COUNTED = """
    line lineitem item items product products order ordered invoice invoiced sold purchased total
    bestellte artikel vendue vendida venduta
"""

COUNTED = frozenset(fold(word) for word in _COUNTED.split())
"""Words that may stand beside "quantity" in a column's name; others count something else."""

NOT_THE_DAY = frozenset(fold(word) for word in _OTHER_DAYS.split())
"""Words in a column's name that make it another day than the sale's."""

NOT_THE_AMOUNT = frozenset(fold(word) for word in _OTHER_MONEY.split())
"""Words in a column's name that make it other money than the sale's."""
