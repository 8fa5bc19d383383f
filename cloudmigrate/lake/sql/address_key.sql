-- address_key: a macro: an address as text that sorts like its number, IPv4 before IPv6.
create temp macro address_key(address) as
case
    when contains(address, ':')
        then
            '6' || array_to_string(
                list_transform(
                    list_filter(string_split(split_part(address, '::', 1), ':'), lambda g: g <> '')
                    || list_transform(
                        range(
                            8
                            - len(list_filter(string_split(split_part(address, '::', 1), ':'), lambda g: g <> ''))
                            - len(list_filter(string_split(split_part(address, '::', 2), ':'), lambda g: g <> ''))
                        ),
                        lambda n: '0'
                    )
                    || list_filter(string_split(split_part(address, '::', 2), ':'), lambda g: g <> ''),
                    lambda g: lpad(lower(g), 4, '0')
                ),
                ''
            )
    when regexp_full_match(address, '[0-9]{1,3}(\.[0-9]{1,3}){3}')
        then
            list_transform(
                [string_split(address, '.')],
                lambda p: printf('4%08x', p[1]::bigint * 16777216 + p[2]::bigint * 65536 + p[3]::bigint * 256 + p[4]::bigint)
            )[1]
end
