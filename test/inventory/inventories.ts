import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

// The same inventory in both forms.
export const ini = `
# comment
lonely ansible_host=192.0.2.9
[judges]
judge-[01:02] ansible_user=judge
; comment
judge-03:2222 ansible_host="192.0.2.3" # the odd one

[judges:vars]
ansible_user = deploy
ansible_become = yes

[production:children]
judges
web

[production:vars]
ansible_user='wide'
ansible_ssh_private_key_file=~/.ssh/production

[web]
web-1
judge-03

[all:vars]
ansible_port=22
`;
export const yaml = `
all:
  vars: { ansible_port: 22 }
  hosts:
    lonely: { ansible_host: 192.0.2.9 }
  children:
    production:
      vars: { ansible_user: wide, ansible_ssh_private_key_file: ~/.ssh/production }
      children:
        judges:
          vars:
            ansible_user: deploy
            ansible_become: yes
          hosts:
            judge-[01:02]: { ansible_user: judge }
            judge-03:2222:
              ansible_host: "192.0.2.3"
        web:
          hosts:
            web-1:
            judge-03: {}
`;
const filesOf = (project: string) => ({
  ssh_config: `Include ${join(project, "hosts.d")}/*\nHost judge-1\nHost bastion *.example.org\n`,
  "hosts.d/more": "Host judge-2 judge-3\n",
  "hosts.ini": "[judges]\njudge-[1:2] ansible_user=deploy\n[large]\njudge-2\n[web]\nweb-1 ansible_password=hunter2\n",
  hosts: "judges:\n  hosts:\n    judge-1: {ansible_ssh_common_args: -J bastion}\n",
  empty: "",
  half: `Host judge-1\nInclude ${project}/*.d ${join(project, "nowhere")}/* ${join(project, "nowhere")} ${join(project, "hosts")}/x\n`,
  "ansible/hosts.ini": "[judges]\njudge-[1:2] ansible_user=inline\n[judges:vars]\nansible_port=2201\n[web]\nweb-1\n",
  "ansible/group_vars/all.yml":
    "ansible_user: deploy\nansible_port: 2200\nansible_become: yes\nansible_become_password: hunter2\nsomething: [1, {a: b}]\n",
  "ansible/group_vars/judges/10-first.yml": "ansible_port: 2202\nansible_ssh_private_key_file: ~/.ssh/first\n",
  "ansible/group_vars/judges/20/second": "ansible_ssh_private_key_file: ~/.ssh/second\n",
  "ansible/group_vars/judges/30-vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
  "ansible/group_vars/judges/40.yml~": "ansible_port: 9",
  "ansible/group_vars/judges/.50.yml": "ansible_port: 9",
  "ansible/group_vars/judges/60.txt": "ansible_port: 9",
  "ansible/group_vars/judges.yml": "ansible_port: 9",
  "ansible/host_vars/judge-2.json": '{"ansible_user": "{{ me }}", "ansible_host": "192.0.2.2"}',
  "folder/10-judges":
    "[judges]\njudge-[1:2] ansible_user=first ansible_port=2201\n[odd]\njudge-1 ansible_user=second\n[judges:vars]\nansible_become=no\n",
  "folder/20-web.yml": "judges: {vars: {ansible_become: yes}}\nweb: {hosts: {web-1: }, children: {judges: }}\n",
  "folder/sub/30": "[judges]\njudge-1 ansible_user=third\n[all:children]\nweb\n",
  "folder/ansible.cfg": "[defaults]\n",
  "ini-folder/hosts.ini": "ini-1\n",
  "folder/README.md": "# hosts\n",
  "folder/.hidden": "hidden-1\n",
  "folder/old~": "old-1\n",
  "folder/group_vars/judges.yml": "ansible_ssh_private_key_file: ~/.ssh/judges\n",
  "folder/sub/group_vars/judges.yml": "ansible_ssh_private_key_file: ~/.ssh/elsewhere\n",
  "programs/10-static": "a\n",
  "programs/20-cloud": "#!/bin/sh\necho hunter2\n",
  "wrong-folder/10": "[a\n",
  "broken/hosts.ini": "judge-1\n[list]\njudge-2\n",
  "broken/host_vars/judge-1": "ansible_password: [hunter2\n",
  "broken/group_vars/list.yaml": "- hunter2\n",
});

/** Writes all inventories of the tests into a folder. */
export function writeInventories(project: string): void {
  for (const [name, content] of Object.entries(filesOf(project))) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), content);
  }
}
