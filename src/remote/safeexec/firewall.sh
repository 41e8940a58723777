# Set a firewall rule that drops everything that processes of group 1000 send from the host: nftables' in a table of its
# own, or iptables', which is found by its comment. $records/firewall names the tool that has our rule.
# uses: records.sh

# choose_firewall: sets $firewall to the tool that has our rule, else to one that works here; empty if none does.
choose_firewall() {
	firewall=$(cat "$records/firewall" 2>/dev/null || :)
	if [ -n "$firewall" ] && have "$firewall"; then return 0; fi
	if have nft && nft list tables >/dev/null; then
		firewall=nft
	elif have iptables && iptables -w -S OUTPUT >/dev/null; then
		firewall=iptables
	else
		firewall=
	fi
}

# has_firewall_rule: fails if the rule is missing or incomplete. Ends the step if the rules cannot be read.
has_firewall_rule() {
	if [ "$firewall" = nft ]; then
		if ! firewall_text=$(nft list table inet python3jail 2>&1); then
			case $firewall_text in
			*'No such file or directory'*) return 1 ;;
			esac
			fail firewall "nft cannot list its tables: $firewall_text" "read its message; or set \`firewall: false\`"
		fi
		printf '%s\n' "$firewall_text" | grep -q 'hook output' && printf '%s\n' "$firewall_text" | grep -q 'meta skgid 1000 drop'
		return
	fi
	for tool in $(iptables_tools); do
		has_iptables_rule "$tool" || return 1
	done
}

# Prints the tools to use: also the one for IPv6, if the host has it.
iptables_tools() {
	echo iptables
	if [ -e /proc/net/if_inet6 ] && have ip6tables; then echo ip6tables; fi
}

has_iptables_rule() {
	firewall_status=0
	firewall_text=$(iptables_rule "$1" -C 2>&1) || firewall_status=$?
	if [ "$firewall_status" -gt 1 ]; then
		fail firewall "$1 cannot look for its rule: $firewall_text" "read its message; or set \`firewall: false\`"
	fi
	return "$firewall_status"
}

iptables_rule() {
	"$1" -w "$2" OUTPUT -m owner --gid-owner 1000 -m comment --comment python3jail -j DROP
}

# set_firewall_rule: sets the rule if it is not there.
set_firewall_rule() {
	choose_firewall
	[ -n "$firewall" ] || fail no-firewall "neither nft nor iptables works on the host" "install nftables, or set \`firewall: false\`"
	if [ -s "$records/firewall" ] && has_firewall_rule; then return 0; fi
	# Recorded before it is made, so that a run that is interrupted here leaves no rule without an owner.
	printf '%s\n' "$firewall" | write_record "$records/firewall"
	if [ "$firewall" = nft ]; then
		# Replace our table in one transaction.
		nft -f - <<-END || fail firewall "nft refused the rule" "read its message; or set \`firewall: false\`"
			add table inet python3jail
			delete table inet python3jail
			add table inet python3jail
			add chain inet python3jail output { type filter hook output priority 0; policy accept; }
			add rule inet python3jail output meta skgid 1000 drop
		END
		return 0
	fi
	for tool in $(iptables_tools); do
		# Insert it before all other rules, so that none of them accepts the packets first.
		has_iptables_rule "$tool" || iptables_rule "$tool" -I || fail firewall "$tool refused the rule" "read its message; or set \`firewall: false\`"
	done
}

# drop_firewall_rule: removes the rule, unless another safeexec of ours on this host needs it.
drop_firewall_rule() {
	[ -s "$records/firewall" ] || return 0
	for other in "${records%/*}"/*/firewall; do
		if [ -s "$other" ] && [ "$other" != "$records/firewall" ]; then
			rm -f "$records/firewall"
			return 0
		fi
	done
	firewall=$(cat "$records/firewall")
	if ! have "$firewall"; then
		warn "there is no $firewall on the host any more: its rule for the group 1000, if it is there, was left"
	elif [ "$firewall" = nft ]; then
		nft -f - <<-END || fail firewall "nft did not remove the rule" "read its message, then run the same command again"
			add table inet python3jail
			delete table inet python3jail
		END
	else
		for tool in $(iptables_tools); do
			while has_iptables_rule "$tool"; do
				iptables_rule "$tool" -D || fail firewall "$tool did not remove the rule" "read its message, then run the same command again"
			done
		done
	fi
	rm -f "$records/firewall"
}
